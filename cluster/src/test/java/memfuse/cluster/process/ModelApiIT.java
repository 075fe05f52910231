package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server whose embeddings and facts are made by models behind an OpenAI-compatible API, which fails at first. */
class ModelApiIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void findsByTheirMeaningsAndByTheirFacts() throws IOException {
        try (ModelApi models = new ModelApi()) {
            ServerProcess server =
                    scene.start(models.usedBy(Launch.in(scene.newDataDirectory().path()))
                            .with("memfuse.buffer.performance.flush_interval", "200ms"));
            Client client = server.client();
            String userId = client.createUser("ida");
            String sessionId = client.createSession(userId, client.createAgent("helper"));
            client.append(sessionId, "I live in Lisbon.", "The cat sleeps all day.", "The boat left at noon.")
                    .expect(201);
            Await.until("all is embedded and extracted", LIMIT, () -> {
                JsonNode marks = client.get("/sessions/" + sessionId + "/watermarks")
                        .expect(200)
                        .data()
                        .path("watermarks");
                return marks.path("m1").asInt() == 3 && marks.path("m2").asInt() == 3;
            });

            assertThat(found(client, userId, "Which animal is it?", "vector").get(0))
                    .isEqualTo("The cat sleeps all day.");
            assertThat(found(client, userId, "Something on the ocean", "vector").get(0))
                    .isEqualTo("The boat left at noon.");
            assertThat(client.get("/users/" + userId + "/facts").expect(200).texts("facts", "object"))
                    .as("without the fact whose evidence was never given")
                    .containsExactly("Lisbon");
            assertThat(found(client, userId, "Where is Lisbon?", "graph")).containsExactly("I live in Lisbon.");

            JsonNode facts = client.get("/stats").expect(200).data().at("/stats/facts/model");
            assertThat(facts.path("retries").asInt()).isEqualTo(2);
            assertThat(facts.path("discarded").asInt()).isEqualTo(1);
            assertThat(facts.path("failures").asInt()).isZero();
        }
    }

    private static List<String> found(Client client, String userId, String query, String storeType) throws IOException {
        return client.postPatiently("/users/" + userId + "/query", Map.of("query", query, "store_type", storeType))
                .expect(200)
                .texts("results", "content");
    }
}
