package memfuse.cluster.process;

import static memfuse.cluster.process.SdkClient.entity;
import static memfuse.cluster.process.SdkClient.message;
import static memfuse.cluster.process.SdkClient.refusal;
import static memfuse.cluster.process.SdkClient.result;
import static memfuse.cluster.process.SdkClient.success;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.cluster.process.SdkClient.Ids;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the published Python client does, call by call; the shapes here are the contract's, written down a second time. */
@ExtendWith(SharedServer.class)
class SdkFlowIT {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String AGENT = "agent_default";

    private final String name = "sdk" + COUNT.incrementAndGet();

    private static Map<String, String> says(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void findsOnTheSecondInitWhatTheFirstHasMade(String slash, Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, slash);
        Ids first = sdk.init(name + "-user", AGENT, name + "-session");
        assertThat(sdk.init(name + "-user", AGENT, name + "-session")).isEqualTo(first);

        Ids other = sdk.init(name + "-other", AGENT, name + "-session");
        assertThat(other.userId()).isNotEqualTo(first.userId());
        assertThat(other.agentId()).isEqualTo(first.agentId());
        assertThat(other.sessionId()).isNotEqualTo(first.sessionId());

        refusal(
                sdk.call("POST", "/agents", "", Map.of("name", AGENT, "description", "again")),
                400,
                "name",
                "Agent with name 'agent_default' already exists");
        refusal(
                sdk.call(
                        "POST",
                        "/sessions",
                        "",
                        Map.of("user_id", first.userId(), "agent_id", first.agentId(), "name", name + "-session")),
                400,
                "name",
                "Session with name '" + name + "-session' already exists");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void addsListsReadsChangesAndDeletesMessages(String slash, Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, slash);
        Ids ids = sdk.init(name, AGENT, name);
        String messages = "/sessions/" + ids.sessionId() + "/messages";

        JsonNode added = success(
                sdk.call(
                        "POST",
                        messages,
                        "",
                        Map.of(
                                "messages",
                                List.of(
                                        says("user", "I moved to Lisbon in May."),
                                        says("assistant", "Noted: Lisbon since May."),
                                        Map.of("role", "user", "content", "Ana visits.", "metadata", Map.of("a", 1))))),
                201,
                "Messages added successfully",
                "message_ids",
                "transfer_triggered",
                "total_messages",
                "buffer_status",
                "watermarks");
        assertThat(added.get("total_messages").asInt()).isEqualTo(3);
        List<String> messageIds = texts(added.get("message_ids"));
        assertThat(messageIds).hasSize(3).doesNotHaveDuplicates();

        JsonNode listed = success(
                        sdk.call("GET", messages, "?limit=20&sort_by=timestamp&order=desc&buffer_only=false", Map.of()),
                        200,
                        "Messages retrieved successfully",
                        "messages")
                .get("messages");
        assertThat(listed)
                .extracting(one -> one.get("content").asText())
                .containsExactly("Ana visits.", "Noted: Lisbon since May.", "I moved to Lisbon in May.");
        assertThat(message(listed.get(0), "metadata").get("metadata")).hasToString("{\"a\":1}");
        assertThat(message(listed.get(1)).get("role").asText()).isEqualTo("assistant");
        assertThat(listed.get(2).get("session_id").asText()).isEqualTo(ids.sessionId());

        JsonNode read = success(
                        sdk.call("POST", messages + "/read", "", Map.of("message_ids", messageIds)),
                        200,
                        "Messages read successfully",
                        "messages")
                .get("messages");
        assertThat(read).extracting(one -> message(one).get("id").asText()).containsExactlyElementsOf(messageIds);

        JsonNode updated = success(
                sdk.call(
                        "PUT",
                        messages,
                        "",
                        Map.of(
                                "message_ids",
                                messageIds.subList(0, 1),
                                "new_messages",
                                List.of(says("user", "I moved to Porto in May.")))),
                200,
                "Messages updated successfully",
                "message_ids");
        assertThat(texts(updated.get("message_ids"))).containsExactly(messageIds.get(0));

        JsonNode deleted = success(
                sdk.call("DELETE", messages, "", Map.of("message_ids", messageIds.subList(1, 2))),
                200,
                "Messages deleted successfully",
                "message_ids");
        assertThat(texts(deleted.get("message_ids"))).containsExactly(messageIds.get(1));
        assertThat(client.history(ids.sessionId()))
                .extracting(Client.Shown::content)
                .containsExactly("I moved to Porto in May.", "Ana visits.");

        for (String method : List.of("POST", "PUT", "DELETE")) {
            refusal(
                    sdk.call(
                            method,
                            method.equals("POST") ? messages + "/read" : messages,
                            "",
                            Map.of(
                                    "message_ids",
                                    List.of(messageIds.get(0), "none"),
                                    "new_messages",
                                    List.of(says("user", "x"), says("user", "y")))),
                    404,
                    "message_ids",
                    "Message with ID 'none' not found");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/"})
    void asksTheMemoryOfEachUserAlone(String slash, Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, slash);
        List<Ids> users = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Ids ids = sdk.init(name + "-" + i, AGENT, name + "-" + i);
            users.add(ids);
            success(
                    sdk.call(
                            "POST",
                            "/sessions/" + ids.sessionId() + "/messages",
                            "",
                            Map.of("messages", List.of(says("user", "My bicycle number " + i + " is green.")))),
                    201,
                    "Messages added successfully",
                    "message_ids",
                    "transfer_triggered",
                    "total_messages",
                    "buffer_status",
                    "watermarks");
        }
        for (int i = 0; i < 3; i++) {
            Ids ids = users.get(i);
            JsonNode found = success(
                    sdk.call(
                            "POST",
                            "/users/" + ids.userId() + "/query",
                            "",
                            Map.of("query", "bicycle", "session_id", ids.sessionId(), "agent_id", ids.agentId())),
                    200,
                    "Found 1 results",
                    "results",
                    "total");
            assertThat(found.get("total").asInt()).isEqualTo(1);
            JsonNode hit = result(found.at("/results/0"));
            assertThat(hit.get("content").asText()).isEqualTo("My bicycle number " + i + " is green.");
            assertThat(hit.get("type").asText()).isEqualTo("message");
            assertThat(hit.at("/metadata/scope").asText()).isEqualTo("in_session");
            assertThat(hit.at("/metadata/user_id").asText()).isEqualTo(ids.userId());
        }
        refusal(
                sdk.call(
                        "POST",
                        "/users/" + users.get(0).userId() + "/query",
                        "",
                        Map.of("query", "bicycle", "session_id", users.get(1).sessionId())),
                404,
                "session_id",
                "Session with ID '" + users.get(1).sessionId() + "' not found");
    }

    @Test
    void readsChangesAndDeletesWhatInitHasMade(Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, "");
        Ids ids = sdk.init(name, name + "-agent", name);
        for (String kind : List.of("user", "agent")) {
            String id = kind.equals("user") ? ids.userId() : ids.agentId();
            String title = kind.equals("user") ? "User" : "Agent";
            String path = "/" + kind + "s/" + id;
            entity(success(sdk.call("GET", path, "", Map.of()), 200, title + " retrieved successfully", kind)
                    .get(kind));
            JsonNode renamed = entity(success(
                            sdk.call("PUT", path, "", Map.of("name", name + "-new", "description", "d")),
                            200,
                            title + " updated successfully",
                            kind)
                    .get(kind));
            assertThat(renamed.get("name").asText()).isEqualTo(name + "-new");
            refusal(
                    sdk.call("GET", "/" + kind + "s/none", "", Map.of()),
                    404,
                    kind + "_id",
                    title + " with ID 'none' not found");
        }
        JsonNode session = success(
                        sdk.call("PUT", "/sessions/" + ids.sessionId(), "", Map.of("name", name + "-new")),
                        200,
                        "Session updated successfully",
                        "session")
                .get("session");
        assertThat(SdkClient.session(session).get("name").asText()).isEqualTo(name + "-new");
        JsonNode gone = success(
                sdk.call("DELETE", "/sessions/" + ids.sessionId(), "", Map.of()),
                200,
                "Session deleted successfully",
                "session_id");
        assertThat(gone.get("session_id").asText()).isEqualTo(ids.sessionId());
        JsonNode noAgent = success(
                sdk.call("DELETE", "/agents/" + ids.agentId(), "", Map.of()),
                200,
                "Agent deleted successfully",
                "agent_id");
        assertThat(noAgent.get("agent_id").asText()).isEqualTo(ids.agentId());
        Answer noUser = sdk.call("DELETE", "/users/" + ids.userId(), "", Map.of());
        assertThat(noUser.status()).isEqualTo(204);
        assertThat(noUser.body().isMissingNode()).isTrue();
        refusal(
                sdk.call("GET", "/users/" + ids.userId(), "", Map.of()),
                404,
                "user_id",
                "User with ID '" + ids.userId() + "' not found");
    }

    /** The client puts names into addresses as they are, so the server sees the first part of such a one alone. */
    @Test
    void makesUsersWithNamesThatDoNotFitIntoAddresses(Client client) throws Exception {
        SdkClient sdk = new SdkClient(client, "");
        String full = name + "&co";
        refusal(
                sdk.call("GET", "/users", "?name=" + full, Map.of()),
                404,
                "name",
                "User with name '" + name + "' not found");
        JsonNode user =
                success(sdk.call("POST", "/users", "", Map.of("name", full)), 201, "User created successfully", "user");
        assertThat(entity(user.get("user")).get("name").asText()).isEqualTo(full);
        refusal(
                sdk.call("POST", "/users", "", Map.of("name", full)),
                400,
                "name",
                "User with name '" + full + "' already exists");
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
