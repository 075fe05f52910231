package memfuse.cluster.http.input;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place in a body, as the way to it.
 *
 * @param step a key or the place in a list
 */
record Location(@Nullable Location parent, Object step) {
    static final Location BODY = new Location(null, "body");

    Location then(Object next) {
        return new Location(this, next);
    }

    List<Object> steps() {
        Deque<Object> steps = new ArrayDeque<>();
        for (Location at = this; at != null; at = at.parent) {
            steps.addFirst(at.step);
        }
        return List.copyOf(steps);
    }
}
