package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import memfuse.actors.extraction.StubModel;
import memfuse.actors.extraction.StubModel.Request;
import memfuse.actors.openai.RetryPauses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client of an embeddings API, against a server that speaks as such an API does. */
@Timeout(60)
class OpenAiEmbeddingModelTest {
    private final StubModel server = new StubModel();
    private final OpenAiEmbeddingModel model = model(Duration.ofSeconds(20), false);

    private OpenAiEmbeddingModel model(Duration timeout, boolean sendDimensions) {
        return new OpenAiEmbeddingModel(new OpenAiEmbeddingSettings(
                server.baseUrl(),
                "stub-embed",
                Optional.of("secret-key"),
                2,
                sendDimensions,
                timeout,
                3,
                new RetryPauses(Duration.ofMillis(10), Duration.ofMillis(50))));
    }

    @AfterEach
    void close() {
        model.close();
        server.close();
    }

    /** As the API answers, the last text first. */
    private static String answer(float[]... vectors) {
        ObjectNode body =
                StubModel.JSON.createObjectNode().put("object", "list").put("model", "stub-embed");
        ArrayNode data = body.putArray("data");
        for (int i = vectors.length - 1; i >= 0; i--) {
            ArrayNode numbers =
                    data.addObject().put("object", "embedding").put("index", i).putArray("embedding");
            for (float number : vectors[i]) {
                numbers.add(number);
            }
        }
        body.putObject("usage").put("prompt_tokens", 8).put("total_tokens", 8);
        return body.toString();
    }

    private static StubModel.Answer with(String body) {
        return exchange -> StubModel.write(exchange, 200, body);
    }

    @Test
    void asksForAllTextsAtOnceAndPutsTheirVectorsInOrder() {
        server.then(with(answer(new float[] {3, 4}, new float[] {0, 2})));
        float[][] vectors = model.embed(List.of("Ann: one", "two"));

        assertThat(vectors[0]).containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
        assertThat(vectors[1]).containsExactly(new float[] {0, 1}, within(1e-6f));
        Request request = server.requests().get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/v1/embeddings");
        assertThat(request.headers().getFirst("Authorization")).isEqualTo("Bearer secret-key");
        assertThat(request.body().path("model").asText()).isEqualTo("stub-embed");
        assertThat(request.body().path("input")).hasSize(2);
        assertThat(request.body().at("/input/0").asText()).isEqualTo("Ann: one");
        assertThat(request.body().path("encoding_format").asText()).isEqualTo("float");
        assertThat(request.body().has("dimensions")).isFalse();
        assertThat(model.name()).isEqualTo("openai/stub-embed/2");
        assertThat(model.embed(List.of())).isEmpty();
    }

    @Test
    void asksForTheDimensionsWhereThatIsSet() {
        server.then(with(answer(new float[] {1, 0})));
        model(Duration.ofSeconds(20), true).embed(List.of("one"));
        assertThat(server.requests().get(0).body().path("dimensions").asInt()).isEqualTo(2);
    }

    @Test
    void sendsNoTextThatAnApiRefuses() {
        server.then(with(answer(new float[] {1, 0}, new float[] {1, 0})));
        model.embed(List.of(" ", "a\uD800b"));
        assertThat(server.requests().get(0).body().at("/input/0").asText()).isEqualTo(".");
        assertThat(server.requests().get(0).body().at("/input/1").asText()).isEqualTo("a\uFFFDb");
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503, 408})
    void asksAgainWhereTheServerCannotAnswerNow(int status) {
        server.thenStatus(status, "Retry-After", "0.02").then(with(answer(new float[] {1, 0})));
        assertThat(model.embed(List.of("one"))[0]).containsExactly(1, 0);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void asksAgainAfterAConnectionThatWasCut() {
        server.thenEnd().then(with(answer(new float[] {1, 0})));
        assertThat(model.embed(List.of("one"))[0]).containsExactly(1, 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "{}",
                "{\"data\":[]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1,null]}]}",
                "{\"data\":[{\"index\":1,\"embedding\":[1,0]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":[1,0]},{\"index\":0,\"embedding\":[1,0]}]}",
                "{\"data\":[{\"index\":0,\"embedding\":\"AACAPwAAAAA=\"}]}"
            })
    void takesNoAnswerThatIsNotAsAsked(String body) {
        server.then(with(body));
        assertThatThrownBy(() -> model.embed(List.of("one")))
                .isInstanceOfSatisfying(
                        EmbeddingException.class, e -> assertThat(e.isOfModel()).isTrue());
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void givesUpAfterTheAttemptsSet() {
        server.thenStatus(503);
        assertThatThrownBy(() -> model.embed(List.of("one")))
                .isInstanceOfSatisfying(
                        EmbeddingException.class, e -> assertThat(e.isOfModel()).isTrue())
                .hasMessageContaining("503");
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void asksForAQueryOnce() {
        server.thenStatus(503);
        assertThatThrownBy(() -> model.embedQuery("one")).isInstanceOf(EmbeddingException.class);
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void waitsForAnAnswerOnlySoLong() {
        OpenAiEmbeddingModel impatient = model(Duration.ofMillis(200), false);
        server.thenSilence();
        assertThatThrownBy(() -> impatient.embedQuery("one")).hasMessageContaining("no answer");
        server.thenHalfAnAnswer();
        assertThatThrownBy(() -> impatient.embedQuery("one")).hasMessageContaining("no answer");
    }

    @Test
    void saysWhetherItIsTheTextsOrTheSetting() {
        server.thenStatus(400).thenStatus(401);
        assertThatThrownBy(() -> model.embed(List.of("one")))
                .isInstanceOfSatisfying(
                        EmbeddingException.class, e -> assertThat(e.isOfModel()).isFalse());
        assertThatThrownBy(() -> model.embed(List.of("one")))
                .isInstanceOfSatisfying(
                        EmbeddingException.class, e -> assertThat(e.isOfModel()).isTrue());
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void theQueueTriesTextsOneByOneOnlyWhereItMayBeTheTexts() throws Exception {
        server.thenStatus(400).then(with(answer(new float[] {1, 0}))).thenStatus(401);
        EmbeddingQueueSettings settings = new EmbeddingQueueSettings(100, 10, 8, 10_000, 1, 1, 0, 0);
        try (EmbeddingQueue queue = new EmbeddingQueue(model, settings)) {
            var first = queue.offer("alice", "refused", 1).orElseThrow().toCompletableFuture();
            assertThat(first.handle((vector, failure) -> failure != null).get(20, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(queue.offer("alice", "taken", 1)
                            .orElseThrow()
                            .toCompletableFuture()
                            .get(20, TimeUnit.SECONDS))
                    .containsExactly(1, 0);
            CompletableFuture<float[]> last =
                    queue.offer("alice", "any", 1).orElseThrow().toCompletableFuture();
            assertThat(last.handle((vector, failure) -> failure != null).get(20, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(queue.stats().failed()).isEqualTo(2);
        }
    }

    @Test
    void doesNotTellTheKey() {
        assertThat(new OpenAiEmbeddingSettings(
                                server.baseUrl(),
                                "m",
                                Optional.of("secret-key"),
                                2,
                                false,
                                Duration.ofSeconds(1),
                                1,
                                new RetryPauses(Duration.ofMillis(1), Duration.ofMillis(1)))
                        .toString())
                .doesNotContain("secret-key");
    }
}
