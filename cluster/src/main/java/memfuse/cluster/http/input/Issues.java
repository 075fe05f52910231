package memfuse.cluster.http.input;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with one body, so far; beyond a limit further issues are not kept. */
final class Issues {
    private static final int MAX_ISSUES = 20;

    private final List<Issue> found = new ArrayList<>(0);

    void add(String type, Location location, String message, JsonNode input) {
        if (found.size() < MAX_ISSUES) {
            found.add(new Issue(type, location.steps(), message, Echo.of(input)));
        }
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    List<Issue> found() {
        return List.copyOf(found);
    }
}
