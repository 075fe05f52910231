package memfuse.cluster.settings;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How messages and queries are embedded.
 *
 * @param model one that comes with the jar, {@link #OPENAI}, or {@link #NONE}: search by words alone
 * @param workers at least 1
 * @param cacheBytes of vectors of texts that may come again; 0: none
 */
public record EmbeddingSettings(
        String model,
        int workers,
        int queueSize,
        long cacheBytes,
        int ingestNiceness,
        Duration queryTimeout,
        int maxUnitTokens,
        OpenAi openAi) {
    /** No model. */
    public static final String NONE = "none";

    /** A model behind an OpenAI-compatible API. */
    public static final String OPENAI = "openai";

    private static final long GIB = 1024L * 1024 * 1024;

    /**
     * What the model behind an API is.
     *
     * @param apiKey empty: it needs none
     * @param dimensions floats of a vector
     * @param sendDimensions whether they are asked for
     * @param maxAttempts requests for the same texts
     * @param batchTexts texts of one request
     */
    public record OpenAi(
            URI baseUrl,
            String model,
            Optional<String> apiKey,
            int dimensions,
            boolean sendDimensions,
            Duration requestTimeout,
            int maxAttempts,
            int batchTexts) {

        static OpenAi from(SettingsReader openAi) {
            String apiKey = openAi.text("api-key").strip();
            return new OpenAi(
                    openAi.url("base-url"),
                    openAi.text("model").strip(),
                    apiKey.isEmpty() ? Optional.empty() : Optional.of(apiKey),
                    openAi.number("dimensions", 1, 16_000),
                    openAi.bool("send-dimensions"),
                    openAi.duration("request-timeout", Duration.ofMillis(100), Duration.ofMinutes(10)),
                    openAi.number("max-attempts", 1, 20),
                    openAi.number("batch-texts", 1, 2_048));
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "OpenAi[baseUrl=" + baseUrl + ", model=" + model + ", dimensions=" + dimensions + ", apiKey="
                    + (apiKey.isPresent() ? "***" : "none") + "]";
        }
    }

    static EmbeddingSettings from(SettingsReader embedding) {
        String model = embedding.oneOf("model", "all-minilm-l6-v2-q", "bge-small-en-v15-q", OPENAI, NONE);
        OpenAi openAi = OpenAi.from(embedding.group("openai"));
        if (model.equals(OPENAI) && openAi.model().isEmpty()) {
            throw embedding.refusal("model", "another one where there is no memfuse.embedding.openai.model");
        }
        int workers = embedding.number("workers", 0, 64);
        return new EmbeddingSettings(
                model,
                workers == 0 ? Runtime.getRuntime().availableProcessors() : workers,
                embedding.number("queue-size", 1, 1_000_000),
                embedding.bytes("cache-bytes", 0, 16 * GIB),
                embedding.number("ingest-niceness", 0, 19),
                embedding.duration("query-timeout", Duration.ofMillis(10), Duration.ofMinutes(1)),
                embedding.number("max-unit-tokens", 96, 256),
                openAi);
    }
}
