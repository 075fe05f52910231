package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Facts of what was said: found behind the flush, after a kill -9 as well, and gone with what was said. */
class FactsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void findsFactsAndForgetsThemWithTheirMessages() throws IOException {
        Client client = scene.start(launch(scene.newDataDirectory())).client();
        String userId = client.createUser("ida");
        String sessionId = client.createSession(userId, client.createAgent("helper"));
        client.append(sessionId, "I live in Lisbon.", "What a day!").expect(201);
        awaitFacts(client, sessionId, 2);
        assertThat(objects(client, userId)).containsExactly("Lisbon");

        JsonNode found = client.post(
                        "/users/" + userId + "/query", Map.of("query", "Where is Lisbon?", "store_type", "graph"))
                .expect(200)
                .data()
                .path("results");
        assertThat(found).hasSize(1);
        assertThat(found.at("/0/content").asText()).isEqualTo("I live in Lisbon.");
        assertThat(found.at("/0/metadata/level").asInt()).isEqualTo(2);
        assertThat(found.at("/0/metadata/retrieval/source").asText()).isEqualTo("m2");

        String messageId = facts(client, userId).at("/0/evidence/0").asText();
        Map<String, String> other = Map.of("role", "user", "content", "I live in Porto.");
        client.put(
                        Client.messages(sessionId),
                        Map.of("message_ids", List.of(messageId), "new_messages", List.of(other)))
                .expect(200);
        Await.until(
                "the fact has changed with its message",
                LIMIT,
                () -> objects(client, userId).equals(List.of("Porto")));

        client.delete("/sessions/" + sessionId, Map.of()).expect(200);
        assertThat(objects(client, userId)).isEmpty();
        assertThat(client.get("/erasures/" + sessionId)
                        .expect(200)
                        .data()
                        .at("/erasure/counts/m2")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void holdsNothingUpWhenTheModelDoesNotAnswerAndMakesUpForItAfterAKill() throws IOException {
        DataDirectory data = scene.newDataDirectory();
        String userId;
        String sessionId;
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            ServerProcess server = scene.start(launch(data)
                    .with("memfuse.facts.extractor", "openai")
                    .with("memfuse.facts.model", "silent")
                    .with("memfuse.facts.base-url", "http://127.0.0.1:" + silent.getLocalPort() + "/v1"));
            Client client = server.client();
            userId = client.createUser("ida");
            sessionId = client.createSession(userId, client.createAgent("helper"));
            Map<String, String> said = Map.of("role", "user", "content", "I live in Lisbon.");
            Answer appended = client.post(
                            Client.messages(sessionId) + "?wait_for=m1", Map.of("messages", List.of(said)))
                    .expect(201);
            assertThat(appended.data().at("/watermarks/m0").asInt()).isEqualTo(1);
            assertThat(watermark(client, sessionId)).isZero();
            server.kill9();
        }
        Client client = scene.start(launch(data)).client();
        awaitFacts(client, sessionId, 1);
        assertThat(objects(client, userId)).containsExactly("Lisbon");
    }

    private static Launch launch(DataDirectory data) {
        return Launch.in(data.path()).wordsOnly().with("memfuse.buffer.performance.flush_interval", "200ms");
    }

    private static void awaitFacts(Client client, String sessionId, int seq) {
        Await.until("the facts are extracted", LIMIT, () -> watermark(client, sessionId) == seq);
    }

    private static int watermark(Client client, String sessionId) throws IOException {
        return client.get("/sessions/" + sessionId + "/watermarks")
                .expect(200)
                .data()
                .at("/watermarks/m2")
                .asInt();
    }

    private static JsonNode facts(Client client, String userId) throws IOException {
        return client.get("/users/" + userId + "/facts").expect(200).data().path("facts");
    }

    private static List<String> objects(Client client, String userId) throws IOException {
        List<String> objects = new ArrayList<>();
        facts(client, userId).forEach(fact -> objects.add(fact.path("object").asText()));
        return objects;
    }
}
