package memfuse.cluster;

import java.time.Duration;
import memfuse.actors.embedding.EmbeddingQueueSettings;
import memfuse.actors.embedding.OpenAiEmbeddingSettings;
import memfuse.actors.flush.FlushSettings;
import memfuse.actors.openai.RetryPauses;
import memfuse.actors.session.SessionSettings;
import memfuse.actors.user.UserSettings;
import memfuse.cluster.http.HttpSettings;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.transfer.TransferSettings;
import memfuse.cluster.settings.EmbeddingSettings;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.protocol.knowledge.KnowledgeBounds;

/** The settings in the form in which each part of the node takes them. */
final class ModuleSettings {
    /** Fewer units are searched in less than half a millisecond, which is not worth another thread. */
    private static final int SEARCH_ASIDE_FROM_UNITS = 2_000;

    /** Queries that wait for another server at a time. */
    private static final int REMOTE_QUERIES = 16;

    private ModuleSettings() {}

    static SessionSettings session(MemFuseSettings settings) {
        MemFuseSettings.Buffer buffer = settings.buffer();
        return new SessionSettings(
                buffer.enabled(),
                buffer.roundBufferMaxTokens(),
                buffer.roundBufferMaxRounds(),
                buffer.hybridBufferMaxRounds(),
                buffer.flushStrategy(),
                buffer.flushInterval(),
                settings.session().highWaterMessages(),
                settings.session().highWaterBytes(),
                !buffer.asyncProcessing());
    }

    static UserSettings user(MemFuseSettings settings) {
        return new UserSettings(
                settings.user().maxInFlight(),
                settings.session().maxInFlight(),
                settings.session().idleTimeout(),
                settings.user().idleTimeout(),
                settings.buffer().queryMaxHits(),
                settings.buffer().queryCacheSize(),
                settings.buffer().querySimilarityThreshold(),
                SEARCH_ASIDE_FROM_UNITS,
                settings.embedding().queryTimeout());
    }

    static KnowledgeBounds knowledge(MemFuseSettings settings) {
        return new KnowledgeBounds(
                settings.knowledge().maxItems(), settings.knowledge().maxBytes());
    }

    static FlushSettings flush(MemFuseSettings settings) {
        return new FlushSettings(
                settings.buffer().maxFlushWorkers(),
                settings.flush().maxBatchMessages(),
                settings.flush().retryMin(),
                settings.flush().retryMax());
    }

    static EmbeddingQueueSettings embedding(MemFuseSettings settings) {
        EmbeddingQueueSettings defaults = EmbeddingQueueSettings.defaults();
        EmbeddingSettings embedding = settings.embedding();
        boolean remote = embedding.model().equals(EmbeddingSettings.OPENAI);
        int batchTexts = embedding.openAi().batchTexts();
        return new EmbeddingQueueSettings(
                embedding.queueSize(),
                defaults.maxQueuedQueries(),
                remote ? batchTexts : defaults.maxBatchTexts(),
                remote ? batchTexts * embedding.maxUnitTokens() : defaults.maxBatchTokens(),
                embedding.workers(),
                remote ? REMOTE_QUERIES : defaults.queryWorkers(),
                remote ? 0 : embedding.ingestNiceness(),
                defaults.cachedQueries());
    }

    static OpenAiEmbeddingSettings openAi(MemFuseSettings settings) {
        EmbeddingSettings.OpenAi openAi = settings.embedding().openAi();
        return new OpenAiEmbeddingSettings(
                openAi.baseUrl(),
                openAi.model(),
                openAi.apiKey(),
                openAi.dimensions(),
                openAi.sendDimensions(),
                openAi.requestTimeout(),
                openAi.maxAttempts(),
                new RetryPauses(Duration.ofMillis(500), Duration.ofSeconds(30)));
    }

    static AccessSettings access(MemFuseSettings settings) {
        return new AccessSettings(settings.auth().enabled(), settings.auth().adminKey(), settings.requestsPerMinute());
    }

    static HttpSettings http(MemFuseSettings settings) {
        MemFuseSettings.Http http = settings.http();
        return new HttpSettings(
                http.host(),
                http.port(),
                http.maxConnections(),
                http.backlog(),
                http.maxInFlight(),
                http.maxInFlightBytes(),
                http.maxQueueTime(),
                http.maxBodyBytes(),
                http.maxMessageBytes(),
                http.maxMessagesPerRequest(),
                http.maxAnswerBytes(),
                http.maxInFlightAnswerBytes(),
                maxWait(settings.askTimeout(), http.requestTimeout()),
                http.requestTimeout(),
                settings.shutdown().requestTimeout());
    }

    static TransferSettings transfer(MemFuseSettings settings) {
        return new TransferSettings(
                settings.transfer().maxConcurrent(),
                settings.transfer().maxImportBytes(),
                settings.http().maxMessageBytes(),
                settings.transfer().timeout(),
                knowledge(settings));
    }

    /** Leaves time for the way there and back. */
    private static Duration maxWait(Duration askTimeout, Duration requestTimeout) {
        Duration shorter = askTimeout.compareTo(requestTimeout) < 0 ? askTimeout : requestTimeout;
        return shorter.multipliedBy(4).dividedBy(5);
    }
}
