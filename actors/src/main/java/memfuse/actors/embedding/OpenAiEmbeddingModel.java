package memfuse.actors.embedding;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import memfuse.actors.openai.BoundedBody;
import memfuse.actors.openai.RetryPauses;
import memfuse.protocol.Cause;
import org.jspecify.annotations.Nullable;

/**
 * A model behind the {@code /embeddings} of an OpenAI-compatible API. The calling thread waits for the answer.
 *
 * <p>A request that fails for want of the server (429, 5xx, no answer in time, or one that is not as it should be) is
 * repeated after a pause that grows; what is left then is an {@link EmbeddingException} of the model. An answer that
 * speaks of the texts (400, 413, 422) is one of the texts, and not repeated.
 */
public final class OpenAiEmbeddingModel implements EmbeddingModel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_ANSWER_BYTES = 64 << 20;

    /** Longer texts are cut: no model reads so much of a unit. */
    private static final int MAX_CHARS = 32_000;

    private final OpenAiEmbeddingSettings settings;
    private final HttpClient client;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** An attempt that failed and may be repeated. */
    private static final class Passing extends Exception {
        private final Optional<Duration> pause;

        Passing(String reason, Optional<Duration> pause) {
            super(reason);
            this.pause = pause;
        }
    }

    public OpenAiEmbeddingModel(OpenAiEmbeddingSettings settings) {
        this.settings = settings;
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.requestTimeout())
                .build();
    }

    /** With the dimensions, because a model may have vectors of several lengths. */
    @Override
    public String name() {
        return "openai/" + settings.model() + "/" + settings.dimensions();
    }

    @Override
    public int dimensions() {
        return settings.dimensions();
    }

    @Override
    public float[][] embed(List<String> texts) {
        return texts.isEmpty() ? new float[0][] : embed(texts, settings.maxAttempts());
    }

    @Override
    public float[] embedQuery(String query) {
        return embed(List.of(query), 1)[0];
    }

    private float[][] embed(List<String> texts, int maxAttempts) {
        String request = request(texts);
        for (int attempt = 1; ; attempt++) {
            try {
                return vectors(send(request), texts.size());
            } catch (Passing failure) {
                if (attempt >= maxAttempts || isClosedAfter(settings.pauses().after(attempt, failure.pause))) {
                    throw EmbeddingException.unavailable(name() + ": " + failure.getMessage());
                }
            }
        }
    }

    private String request(List<String> texts) {
        ObjectNode request = JSON.createObjectNode().put("model", settings.model());
        ArrayNode input = request.putArray("input");
        for (String text : texts) {
            String sent = UnicodeText.wellFormed(text, MAX_CHARS);
            input.add(sent.isBlank() ? "." : sent); // the API refuses empty texts
        }
        request.put("encoding_format", "float");
        if (settings.sendDimensions()) {
            request.put("dimensions", settings.dimensions());
        }
        return request.toString();
    }

    private byte[] send(String request) throws Passing {
        HttpRequest.Builder post = HttpRequest.newBuilder(settings.embeddings())
                .header("Content-Type", "application/json")
                .timeout(settings.requestTimeout())
                .POST(BodyPublishers.ofString(request, StandardCharsets.UTF_8));
        settings.apiKey().ifPresent(key -> post.header("Authorization", "Bearer " + key));
        CompletableFuture<HttpResponse<byte[]>> response =
                client.sendAsync(post.build(), info -> new BoundedBody(MAX_ANSWER_BYTES));
        try {
            return body(response.get(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException e) {
            throw new Passing("no answer: " + Cause.of(e), Optional.empty());
        } catch (TimeoutException e) {
            response.cancel(true);
            throw new Passing("no answer within " + settings.requestTimeout(), Optional.empty());
        } catch (InterruptedException e) {
            response.cancel(true);
            Thread.currentThread().interrupt();
            throw EmbeddingException.unavailable("interrupted");
        }
    }

    private byte[] body(HttpResponse<byte[]> response) throws Passing {
        int status = response.statusCode();
        if (status == 200) {
            return response.body();
        }
        if (RetryPauses.mayPass(status)) {
            throw new Passing("HTTP status " + status, RetryPauses.askedBy(response));
        }
        if (status == 400 || status == 413 || status == 422) {
            throw new EmbeddingException(name() + " refuses a text: HTTP status " + status);
        }
        throw EmbeddingException.unavailable(name() + ": HTTP status " + status);
    }

    private float[][] vectors(byte[] body, int texts) throws Passing {
        try {
            JsonNode data = JSON.readTree(body).path("data");
            float[][] vectors = new float[texts][];
            int position = 0;
            for (JsonNode each : data) {
                int index = each.path("index").asInt(position++);
                float[] vector = index >= 0 && index < texts && vectors[index] == null ? vector(each) : null;
                if (vector == null) {
                    throw new Passing(NOT_AS_ASKED, Optional.empty());
                }
                vectors[index] = vector;
            }
            if (position != texts) {
                throw new Passing(NOT_AS_ASKED, Optional.empty());
            }
            return vectors;
        } catch (JsonProcessingException e) {
            throw new Passing("the answer is no JSON", Optional.empty());
        } catch (IOException e) {
            throw new IllegalStateException("bytes cannot fail to be read", e);
        }
    }

    private static final String NOT_AS_ASKED = "the answer has not one vector of the dimensions set for each text";

    /** Of unit length; null where it is none of this model's. */
    private float @Nullable [] vector(JsonNode each) {
        JsonNode numbers = each.path("embedding");
        if (!numbers.isArray() || numbers.size() != settings.dimensions()) {
            return null;
        }
        float[] vector = new float[settings.dimensions()];
        for (int i = 0; i < vector.length; i++) {
            JsonNode number = numbers.get(i);
            vector[i] = number.isNumber() ? number.floatValue() : Float.NaN;
            if (!Float.isFinite(vector[i])) {
                return null;
            }
        }
        return Vectors.toUnitLength(vector);
    }

    private boolean isClosedAfter(Duration pause) {
        try {
            return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
