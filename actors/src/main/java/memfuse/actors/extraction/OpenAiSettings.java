package memfuse.actors.extraction;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Which model extracts facts, and how it is asked.
 *
 * @param baseUrl of an OpenAI-compatible API, such as {@code https://api.openai.com/v1}
 * @param apiKey sent as a bearer token where there is one
 * @param requestTimeout for one answer of the model
 * @param maxAttempts requests for the same messages, the first included
 * @param retryMin the pause before the second request; it doubles with each further one
 * @param retryMax the longest pause, also where the server asks for a longer one
 * @param inputPrice of a million tokens, in whatever currency; 0 where nothing is to be counted
 * @param outputPrice of a million tokens
 */
public record OpenAiSettings(
        URI baseUrl,
        String model,
        Optional<String> apiKey,
        Duration requestTimeout,
        int maxAttempts,
        Duration retryMin,
        Duration retryMax,
        double inputPrice,
        double outputPrice) {
    public OpenAiSettings {
        if (model.isBlank() || maxAttempts < 1 || inputPrice < 0 || outputPrice < 0) {
            throw new IllegalArgumentException("no settings of a model: model=" + model + ", maxAttempts=" + maxAttempts
                    + ", prices=" + inputPrice + ", " + outputPrice);
        }
    }

    URI completions() {
        String base = baseUrl.toString();
        return URI.create((base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + "/chat/completions");
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "OpenAiSettings[baseUrl=" + baseUrl + ", model=" + model + ", apiKey="
                + (apiKey.isPresent() ? "***" : "none") + "]";
    }
}
