package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that is started with another embedding model: everything is embedded anew, and found meanwhile. */
@Tag("long")
class ModelChangeIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final String QUESTION = "Which pet does she have?";

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void embedsAnewWhatIsOfAnotherModelOrOfNone() throws IOException {
        DataDirectory data = scene.newDataDirectory();
        ServerProcess none = start(data, "none");
        String userId = none.client().createUser("ida");
        String sessionId = none.client().createSession(userId, none.client().createAgent("helper"));
        none.client().append(sessionId, "Ida keeps a cat.").expect(201);
        none.terminate();

        ServerProcess minilm = start(data, "all-minilm-l6-v2-q");
        assertThat(contents(minilm.client(), userId, "cat", "keyword")).containsExactly("Ida keeps a cat.");
        awaitEmbedded(minilm, userId, 1);
        minilm.client().append(sessionId, "Ida sails at weekends.").expect(201);
        awaitEmbedded(minilm, userId, 2);
        assertThat(contents(minilm.client(), userId, QUESTION, "vector").get(0)).isEqualTo("Ida keeps a cat.");
        minilm.terminate();

        ServerProcess bge = start(data, "bge-small-en-v15-q");
        assertThat(contents(bge.client(), userId, "cat", "keyword")).contains("Ida keeps a cat.");
        awaitEmbedded(bge, userId, 2);
        assertThat(contents(bge.client(), userId, QUESTION, "vector"))
                .containsExactly("Ida keeps a cat.", "Ida sails at weekends.");
        Await.until(
                "the log says that all is embedded",
                LIMIT,
                () -> bge.output().contains("all units are embedded with bge-small-en-v15-q"));
        assertThat(bge.output()).contains("2 units are not of bge-small-en-v15-q and are embedded anew");
        assertThat(bge.client()
                        .get("/stats")
                        .expect(200)
                        .data()
                        .at("/stats/embedding/pending_units")
                        .asInt())
                .isZero();
    }

    private ServerProcess start(DataDirectory data, String model) {
        return scene.start(Launch.in(data.path())
                .with("memfuse.embedding.model", model)
                .with("memfuse.buffer.performance.flush_interval", "200ms"));
    }

    /** Waits until so many messages have a vector of the server's model. */
    private static void awaitEmbedded(ServerProcess server, String userId, int messages) {
        Await.until(
                messages + " messages are embedded",
                LIMIT,
                () -> contents(server.client(), userId, QUESTION, "vector").size() == messages);
    }

    private static List<String> contents(Client client, String userId, String query, String storeType)
            throws IOException {
        JsonNode results = client.postPatiently(
                        "/users/" + userId + "/query", Map.of("query", query, "store_type", storeType))
                .expect(200)
                .data()
                .path("results");
        List<String> contents = new ArrayList<>();
        results.forEach(result -> contents.add(result.path("content").asText()));
        return contents;
    }
}
