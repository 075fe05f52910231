package memfuse.cluster.settings;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How facts are extracted from messages.
 *
 * @param extractor what finds them
 * @param apiKey of the model's server; empty: it needs none
 * @param inputPrice of a million tokens
 * @param outputPrice of a million tokens
 */
public record FactsSettings(
        Extractor extractor,
        URI baseUrl,
        String model,
        Optional<String> apiKey,
        Duration requestTimeout,
        int maxAttempts,
        int concurrency,
        int batchMessages,
        int batchTokens,
        double inputPrice,
        double outputPrice) {
    /** What finds facts. */
    public enum Extractor {
        /** Nothing: there are no facts. */
        NONE,
        /** Patterns in English statements. */
        PATTERNS,
        /** A model behind an OpenAI-compatible API. */
        OPENAI
    }

    static FactsSettings from(SettingsReader facts) {
        String extractor = facts.oneOf("extractor", "patterns", "openai", "none");
        String model = facts.text("model").strip();
        if (extractor.equals("openai") && model.isEmpty()) {
            throw facts.refusal("extractor", "another one where there is no memfuse.facts.model");
        }
        String apiKey = facts.text("api-key").strip();
        return new FactsSettings(
                switch (extractor) {
                    case "openai" -> Extractor.OPENAI;
                    case "none" -> Extractor.NONE;
                    default -> Extractor.PATTERNS;
                },
                facts.url("base-url"),
                model,
                apiKey.isEmpty() ? Optional.empty() : Optional.of(apiKey),
                facts.duration("request-timeout", Duration.ofSeconds(1), Duration.ofMinutes(30)),
                facts.number("max-attempts", 1, 20),
                facts.number("concurrency", 1, 64),
                facts.number("batch-messages", 1, 200),
                facts.number("batch-tokens", 100, 100_000),
                facts.decimal("input-price", 0, 100_000),
                facts.decimal("output-price", 0, 100_000));
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "FactsSettings[extractor=" + extractor + ", baseUrl=" + baseUrl + ", model=" + model + ", apiKey="
                + (apiKey.isPresent() ? "***" : "none") + "]";
    }
}
