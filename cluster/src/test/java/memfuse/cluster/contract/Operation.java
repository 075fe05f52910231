package memfuse.cluster.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One operation of the document.
 *
 * @param method in upper case
 * @param path as it is documented, with variables: {@code /users/{user_id}}
 * @param parameters with references resolved
 * @param described what the document says of it
 */
public record Operation(String method, String path, List<JsonNode> parameters, JsonNode described) {
    public Operation {
        parameters = List.copyOf(parameters);
    }

    /** The schema of the JSON body; nothing where the operation takes none. */
    public Optional<JsonNode> bodySchema() {
        return Optional.of(described
                        .at("/requestBody/content")
                        .path("application/json")
                        .path("schema"))
                .filter(schema -> !schema.isMissingNode());
    }

    /** The documented bodies by name; none where the operation takes no body. */
    public Map<String, JsonNode> bodies() {
        Map<String, JsonNode> bodies = new LinkedHashMap<>();
        described
                .at("/requestBody/content")
                .path("application/json")
                .path("examples")
                .properties()
                .forEach(one -> bodies.put(one.getKey(), one.getValue().get("value")));
        return bodies;
    }

    /** Documented statuses that say that it was done. */
    public List<Integer> successes() {
        return described.get("responses").properties().stream()
                .map(response -> Integer.valueOf(response.getKey()))
                .filter(status -> status < 300)
                .toList();
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
