package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two nodes that embed: a user's own node has no place in its queue for all that the user says, and finds it by meaning all
 * the same, whichever of them embeds it.
 */
@Tag("long")
class SharedEmbeddingIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int USERS = 6;
    private static final int MESSAGES = 40;

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void findsByMeaningWhatAnotherNodeEmbedded() throws Exception {
        try (Nodes nodes = Nodes.start(
                scene,
                2,
                launch -> launch.with("memfuse.embedding.model", "all-minilm-l6-v2-q")
                        .with("memfuse.embedding.queue-size", "4")
                        .with("memfuse.embedding.workers", "1"))) {
            Client client = nodes.newClient(0);
            String agent = client.createAgent("helper");
            for (int i = 0; i < USERS; i++) {
                String user = client.createUser("user " + i);
                String session = client.createSession(user, agent);
                query(client, user, "a query that has the index loaded");
                client.append(
                                session,
                                IntStream.range(0, MESSAGES)
                                        .mapToObj(message -> "number " + message + " of user " + user)
                                        .toArray(String[]::new))
                        .expect(201);
                client.append(session, "a cat sleeps on the sofa").expect(201);
                nodes.flush();
                Await.until("all of " + session + " is embedded", LIMIT, () -> {
                    JsonNode marks = client.get("/sessions/" + session + "/watermarks")
                            .data()
                            .path("watermarks");
                    return marks.path("m1").asLong() == MESSAGES + 1;
                });
                Await.until("the index has heard of all embeddings", LIMIT, () -> {
                    JsonNode chunks = client.get("/sessions/" + session + "/chunks?limit=100")
                            .data()
                            .path("chunks");
                    return query(client, user, "Where does the pet rest?").contains("a cat sleeps on the sofa")
                            && chunks.findValuesAsText("embedded").stream().noneMatch("false"::equals);
                });
            }
        }
    }

    /** By meaning alone. */
    private static List<String> query(Client client, String user, String text) throws Exception {
        JsonNode results = client.post(
                        "/users/" + user + "/query", Map.of("query", text, "top_k", 100, "store_type", "vector"))
                .data()
                .path("results");
        assertThat(results.isArray()).isTrue();
        return results.findValuesAsText("content");
    }
}
