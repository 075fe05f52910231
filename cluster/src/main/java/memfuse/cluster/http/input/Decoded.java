package memfuse.cluster.http.input;

import java.util.List;

/** A body as a value, or all that is wrong with it. */
public sealed interface Decoded<T> {
    /** The body is as it must be. */
    record Valid<T>(T value) implements Decoded<T> {}

    /** The body is refused; at least one issue. */
    record Invalid<T>(List<Issue> issues) implements Decoded<T> {
        public Invalid {
            issues = List.copyOf(issues);
        }
    }
}
