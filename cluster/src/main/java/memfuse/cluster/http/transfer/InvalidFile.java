package memfuse.cluster.http.transfer;

import com.fasterxml.jackson.databind.node.NullNode;
import java.util.List;
import memfuse.cluster.http.input.Issue;

/** A file that is not as it must be; thrown through the store, so that nothing of it is stored. */
final class InvalidFile extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient List<Issue> issues;

    InvalidFile(List<Issue> issues) {
        super("an invalid file", null, false, false);
        this.issues = List.copyOf(issues);
    }

    /** A rule between lines that one of them breaks. */
    static InvalidFile at(long line, String field, String rule) {
        return new InvalidFile(List.of(new Issue(
                "value_error", List.of("body", "line", line, field), "Value error, " + rule, NullNode.getInstance())));
    }

    List<Issue> issues() {
        return issues;
    }
}
