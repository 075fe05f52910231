package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Calls as the published Python client of MemFuse makes them: each after a look at the health, names in addresses as they
 * are. Each answer must be in the envelope, with exactly its keys.
 *
 * @param slash what stands after each path: nothing, or a slash
 */
record SdkClient(Client client, String slash) {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";

    /** The ids that {@code init} finds or makes. */
    record Ids(String userId, String agentId, String sessionId) {}

    /** Gets or makes a user, an agent and a session; the agent of whom nothing is said is the default one. */
    Ids init(String user, String agent, String session) throws IOException {
        String userId =
                getOrCreate("user", user, Map.of("name", user, "description", "User created by MemFuse client"));
        String agentId =
                getOrCreate("agent", agent, Map.of("name", agent, "description", "Agent created by MemFuse client"));
        Answer found = call("GET", "/sessions", "?name=" + session + "&user_id=" + userId, Map.of());
        if (found.status() == 200) {
            JsonNode data = success(found, 200, "Sessions retrieved successfully", "sessions");
            assertThat(data.get("sessions")).hasSize(1);
            return new Ids(
                    userId, agentId, session(data.at("/sessions/0")).get("id").asText());
        }
        refusal(found, 404, "name", "Session with name '" + session + "' not found");
        Answer made = call("POST", "/sessions", "", Map.of("user_id", userId, "agent_id", agentId, "name", session));
        JsonNode created = session(
                success(made, 201, "Session created successfully", "session").get("session"));
        assertThat(created.get("name").asText()).isEqualTo(session);
        assertThat(created.get("user_id").asText()).isEqualTo(userId);
        assertThat(created.get("agent_id").asText()).isEqualTo(agentId);
        return new Ids(userId, agentId, created.get("id").asText());
    }

    private String getOrCreate(String kind, String name, Map<String, String> body) throws IOException {
        String title = kind.equals("user") ? "User" : "Agent";
        Answer found = call("GET", "/" + kind + "s", "?name=" + name, Map.of());
        if (found.status() == 200) {
            JsonNode data = success(found, 200, title + "s retrieved successfully", kind + "s");
            assertThat(data.get(kind + "s")).hasSize(1);
            return entity(data.get(kind + "s").get(0)).get("id").asText();
        }
        refusal(found, 404, "name", title + " with name '" + name + "' not found");
        Answer made = call("POST", "/" + kind + "s", "", body);
        JsonNode created =
                entity(success(made, 201, title + " created successfully", kind).get(kind));
        assertThat(created.get("name").asText()).isEqualTo(name);
        assertThat(created.get("description").asText()).isEqualTo(body.get("description"));
        return created.get("id").asText();
    }

    /** One call; the client asks for the health before it, and goes no further unless that is 200. */
    Answer call(String method, String path, String query, Map<String, ?> body) throws IOException {
        JsonNode health = success(client.get("/health"), 200, "MemFuse is running", "status", "version", "config");
        assertThat(health.get("status").asText()).isEqualTo("ok");
        String address = path + slash + query;
        return switch (method) {
            case "GET" -> client.get(address);
            case "POST" -> client.post(address, body);
            case "PUT" -> client.put(address, body);
            default -> client.delete(address, body);
        };
    }

    /** The data of a success, in the envelope, with exactly these keys. */
    static JsonNode success(Answer answer, int status, String message, String... keys) {
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
        hasKeys(answer.body(), "status", "code", "data", "message", "errors");
        assertThat(answer.body().get("status").asText()).isEqualTo("success");
        assertThat(answer.body().get("code").asInt()).isEqualTo(status);
        assertThat(answer.body().get("message").asText()).isEqualTo(message);
        assertThat(answer.body().get("errors").isNull()).isTrue();
        hasKeys(answer.data(), keys);
        return answer.data();
    }

    /** The answer refuses in the envelope, with this field and text. */
    static void refusal(Answer answer, int status, String field, String message) {
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
        hasKeys(answer.body(), "status", "code", "data", "message", "errors");
        assertThat(answer.body().get("status").asText()).isEqualTo("error");
        assertThat(answer.body().get("code").asInt()).isEqualTo(status);
        assertThat(answer.data().isNull()).isTrue();
        assertThat(answer.body().get("message").asText()).isEqualTo(message);
        assertThat(answer.body().get("errors")).hasSize(1);
        hasKeys(answer.body().at("/errors/0"), "field", "message");
        assertThat(answer.body().at("/errors/0/field").asText()).isEqualTo(field);
        assertThat(answer.body().at("/errors/0/message").asText()).isEqualTo(message);
    }

    static JsonNode entity(JsonNode entity) {
        return timed(hasKeys(entity, "id", "name", "description", "created_at", "updated_at"));
    }

    static JsonNode session(JsonNode session) {
        return timed(hasKeys(session, "id", "user_id", "agent_id", "name", "created_at", "updated_at"));
    }

    static JsonNode message(JsonNode message, String... more) {
        List<String> keys = new ArrayList<>(List.of("id", "session_id", "role", "content", "created_at", "updated_at"));
        keys.addAll(List.of(more));
        return timed(hasKeys(message, keys.toArray(String[]::new)));
    }

    static JsonNode result(JsonNode result) {
        hasKeys(result, "id", "content", "score", "type", "role", "created_at", "updated_at", "metadata");
        assertThat(result.get("score").asDouble()).isBetween(0.0, 1.0);
        JsonNode metadata = result.get("metadata");
        assertThat(metadata.get("level").isIntegralNumber()).isTrue();
        assertThat(metadata.at("/retrieval/source").isTextual()).isTrue();
        assertThat(metadata.at("/retrieval/similarity").isNumber()).isTrue();
        for (String key : List.of("user_id", "agent_id", "session_id", "session_name", "scope")) {
            assertThat(metadata.has(key)).as(key).isTrue();
        }
        return timed(result);
    }

    static JsonNode hasKeys(JsonNode object, String... keys) {
        TreeSet<String> found = new TreeSet<>();
        object.fieldNames().forEachRemaining(found::add);
        assertThat(found).as("%s", object).containsExactlyInAnyOrder(keys);
        return object;
    }

    private static JsonNode timed(JsonNode object) {
        assertThat(object.get("created_at").asText()).matches(TIME);
        assertThat(object.get("updated_at").asText()).matches(TIME);
        return object;
    }
}
