package memfuse.actors.embedding;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import memfuse.actors.openai.RetryPauses;

/**
 * Which model of an OpenAI-compatible API embeds texts, and how it is asked.
 *
 * @param baseUrl of the API, such as {@code https://api.openai.com/v1}
 * @param apiKey sent as a bearer token where there is one
 * @param dimensions floats of a vector; answers with others are refused
 * @param sendDimensions whether the request says how many floats are wanted
 * @param requestTimeout for one answer
 * @param maxAttempts requests for the same texts, the first included; a query is asked for once
 * @param pauses between attempts
 */
public record OpenAiEmbeddingSettings(
        URI baseUrl,
        String model,
        Optional<String> apiKey,
        int dimensions,
        boolean sendDimensions,
        Duration requestTimeout,
        int maxAttempts,
        RetryPauses pauses) {
    public OpenAiEmbeddingSettings {
        if (model.isBlank() || dimensions < 1 || maxAttempts < 1) {
            throw new IllegalArgumentException("no settings of a model: model=" + model + ", dimensions=" + dimensions
                    + ", maxAttempts=" + maxAttempts);
        }
    }

    URI embeddings() {
        String base = baseUrl.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/embeddings");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "OpenAiEmbeddingSettings[baseUrl=" + baseUrl + ", model=" + model + ", dimensions=" + dimensions
                + ", apiKey=" + (apiKey.isPresent() ? "***" : "none") + "]";
    }
}
