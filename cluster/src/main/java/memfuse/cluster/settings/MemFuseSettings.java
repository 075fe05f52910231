package memfuse.cluster.settings;

import com.typesafe.config.Config;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import memfuse.actors.session.SessionSettings;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.protocol.auth.KeyText;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.memory.Message;

/**
 * Everything that can be set, read once and checked: what {@code reference.conf} explains, as values.
 *
 * @param logLevel TRACE, DEBUG, INFO, WARN, ERROR or OFF
 * @param dataDir absolute; nothing is known of it yet
 * @param requestsPerMinute of one API key, or of one client's address where none are needed; 0: any number
 */
public record MemFuseSettings(
        String logLevel,
        Path dataDir,
        Duration askTimeout,
        Http http,
        Auth auth,
        int requestsPerMinute,
        Database database,
        Buffer buffer,
        Session session,
        User user,
        Index index,
        Knowledge knowledge,
        Flush flush,
        EmbeddingSettings embedding,
        Transfer transfer,
        FactsSettings facts,
        ClusterSettings cluster,
        ManagementSettings management,
        Shutdown shutdown) {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;
    private static final Duration DAY = Duration.ofDays(1);

    /** @throws SettingsException a value is not what it must be */
    static MemFuseSettings from(Config config) {
        SettingsReader root = new SettingsReader(config, "memfuse");
        Http http = Http.from(root.group("http"));
        Duration askTimeout = root.duration("ask-timeout", Duration.ofMillis(100), Duration.ofMinutes(10));
        if (askTimeout.compareTo(http.requestTimeout()) >= 0) {
            throw root.refusal("ask-timeout", "shorter than memfuse.http.request-timeout");
        }
        Session session = Session.from(root.group("session"));
        ManagementSettings management = ManagementSettings.from(root.group("management"));
        Knowledge knowledge = Knowledge.from(root.group("knowledge"));
        if (http.maxAnswerBytes() < knowledge.listBytes()) {
            throw root.group("http")
                    .refusal(
                            "max-answer-bytes",
                            "at least memfuse.knowledge.max-bytes and 256 B for each of memfuse.knowledge.max-items");
        }
        return new MemFuseSettings(
                root.oneOf("log-level", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"),
                directory(root, "data-dir", root.filledText("data-dir")),
                askTimeout,
                http,
                Auth.from(root.group("auth"), http),
                root.group("rate_limit").number("per_minute", 0, 10_000_000),
                Database.from(root.group("database")),
                Buffer.from(root.group("buffer")),
                session,
                User.from(root.group("user"), session),
                Index.from(root.group("index")),
                knowledge,
                Flush.from(root.group("flush")),
                EmbeddingSettings.from(root.group("embedding")),
                Transfer.from(root.group("transfer")),
                FactsSettings.from(root.group("facts")),
                ClusterSettings.from(root.group("cluster"), management),
                management,
                Shutdown.from(root.group("shutdown")));
    }

    /**
     * The API's address and the bounds of its requests.
     *
     * @param maxInFlightAnswerBytes at least 1
     */
    public record Http(
            String host,
            int port,
            int maxConnections,
            int backlog,
            int maxInFlight,
            long maxInFlightBytes,
            Duration maxQueueTime,
            int maxBodyBytes,
            int maxMessageBytes,
            int maxMessagesPerRequest,
            int maxAnswerBytes,
            long maxInFlightAnswerBytes,
            Duration requestTimeout) {

        static Http from(SettingsReader http) {
            int maxBodyBytes = (int) http.bytes("max-body-bytes", KIB, 256 * MIB);
            int maxMessageBytes = (int) http.bytes("max-message-bytes", 1, 64 * MIB);
            if (maxMessageBytes > maxBodyBytes) {
                throw http.refusal("max-message-bytes", "at most memfuse.http.max-body-bytes");
            }
            long maxInFlightBytes = http.bytes("max-in-flight-bytes", KIB, 16 * GIB);
            if (maxInFlightBytes < maxBodyBytes) {
                throw http.refusal("max-in-flight-bytes", "at least memfuse.http.max-body-bytes");
            }
            int maxAnswerBytes = (int) http.bytes("max-answer-bytes", 64 * KIB, 3 * GIB / 2);
            if (maxAnswerBytes < maxMessageBytes + Message.MAX_OVERHEAD_BYTES) {
                throw http.refusal("max-answer-bytes", "at least 4 KiB more than memfuse.http.max-message-bytes");
            }
            long maxInFlightAnswerBytes = http.bytes("max-in-flight-answer-bytes", 0, 16 * GIB);
            return new Http(
                    http.filledText("host"),
                    http.number("port", 0, 65_535),
                    http.number("max-connections", 1, 100_000),
                    http.number("backlog", 1, 100_000),
                    http.number("max-in-flight", 1, 16_384),
                    maxInFlightBytes,
                    http.duration("max-queue-time", Duration.ofMillis(1), Duration.ofMinutes(1)),
                    maxBodyBytes,
                    maxMessageBytes,
                    http.number("max-messages-per-request", 1, 10_000),
                    maxAnswerBytes,
                    maxInFlightAnswerBytes == 0
                            ? Math.max(1, Runtime.getRuntime().maxMemory() / 16)
                            : maxInFlightAnswerBytes,
                    http.duration("request-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10)));
        }

        /** Whether other machines reach the address. What is no address cannot be listened on, and is refused for that. */
        public boolean isReachable() {
            try {
                return !InetAddress.getByName(host).isLoopbackAddress();
            } catch (UnknownHostException e) {
                return false;
            }
        }
    }

    /**
     * Whether requests need API keys.
     *
     * @param adminKey the key that permits everything; empty: there is none but those that were made
     */
    public record Auth(boolean enabled, Optional<String> adminKey) {

        /** On an address that other machines reach, somebody has to say that everybody may come in. */
        static Auth from(SettingsReader auth, Http http) {
            String enabled = auth.oneOf("enabled", "auto", "true", "false");
            if (enabled.equals("auto") && http.isReachable()) {
                throw auth.refusal(
                        "enabled",
                        "true or false where memfuse.http.host=" + http.host() + " is not a loopback address");
            }
            String adminKey = auth.text("admin-key").strip();
            if (!adminKey.isEmpty() && !KeyText.isAllowed(adminKey)) {
                throw auth.refusal("admin-key", "empty or " + KeyText.RULE);
            }
            return new Auth(enabled.equals("true"), adminKey.isEmpty() ? Optional.empty() : Optional.of(adminKey));
        }

        /** Without the key. */
        @Override
        public String toString() {
            return "Auth[enabled=" + enabled + ", adminKey=" + (adminKey.isPresent() ? "***" : "none") + "]";
        }
    }

    /**
     * Where the data is kept.
     *
     * @param external empty: the embedded PostgreSQL
     * @param startTimeout how long a start waits for a database that is not there yet
     * @param binariesDir where the embedded PostgreSQL is unpacked; empty: below the data directory
     */
    public record Database(
            Optional<ExternalDatabase> external,
            int journalPoolSize,
            int layerPoolSize,
            Duration connectionTimeout,
            Duration socketTimeout,
            Duration startTimeout,
            Optional<Path> binariesDir) {

        static Database from(SettingsReader database) {
            String binariesDir = database.text("binaries-dir");
            return new Database(
                    ExternalDatabase.from(database),
                    database.number("journal-pool-size", 2, 200),
                    database.number("layer-pool-size", 2, 200),
                    database.duration("connection-timeout", Duration.ofMillis(250), Duration.ofMinutes(1)),
                    database.duration("socket-timeout", Duration.ofSeconds(1), Duration.ofMinutes(10)),
                    database.duration("start-timeout", Duration.ZERO, Duration.ofHours(1)),
                    binariesDir.isBlank()
                            ? Optional.empty()
                            : Optional.of(directory(database, "binaries-dir", binariesDir)));
        }
    }

    /** A PostgreSQL that somebody else runs. */
    public record ExternalDatabase(String url, String user, String password) {

        static Optional<ExternalDatabase> from(SettingsReader database) {
            String url = database.text("url").strip();
            String user = database.text("user");
            String password = database.text("password");
            if (url.isEmpty()) {
                return Optional.empty();
            }
            if (!url.startsWith("jdbc:postgresql:")) {
                throw database.refusal("url", "empty or start with jdbc:postgresql:");
            }
            return Optional.of(new ExternalDatabase(url, user, password));
        }

        /** Without the password, wherever it may stand. */
        @Override
        public String toString() {
            return "ExternalDatabase[url=" + url.replaceFirst("\\?.*", "?***") + ", user=" + user + ", password=***]";
        }
    }

    /**
     * The buffers between the journal and the layers.
     *
     * @param asyncProcessing whether an append is answered before its messages are embedded
     */
    public record Buffer(
            boolean enabled,
            int roundBufferMaxTokens,
            int roundBufferMaxRounds,
            int hybridBufferMaxRounds,
            int queryCacheSize,
            int queryMaxHits,
            double querySimilarityThreshold,
            int maxFlushWorkers,
            FlushStrategy flushStrategy,
            Duration flushInterval,
            boolean asyncProcessing) {

        static Buffer from(SettingsReader buffer) {
            SettingsReader round = buffer.group("round_buffer");
            SettingsReader query = buffer.group("query");
            SettingsReader performance = buffer.group("performance");
            String strategy = performance.oneOf("flush_strategy", "size_based", "time_based", "hybrid");
            return new Buffer(
                    buffer.bool("enabled"),
                    round.number("max_tokens", 1, 1_000_000),
                    round.number("max_size", 1, 10_000),
                    buffer.group("hybrid_buffer").number("max_size", 1, 10_000),
                    query.number("cache_size", 0, 100_000),
                    query.number("max_size", 1, 1_000),
                    query.decimal("similarity_threshold", 0, 1),
                    performance.number("max_flush_workers", 1, 64),
                    FlushStrategy.valueOf(strategy.toUpperCase(Locale.ROOT)),
                    performance.duration("flush_interval", Duration.ofMillis(100), DAY),
                    performance.bool("enable_async_processing"));
        }
    }

    /** Bounds of a session. */
    public record Session(
            int highWaterMessages,
            long highWaterBytes,
            int maxInFlight,
            Duration idleTimeout,
            Duration idempotencyRetention) {

        static Session from(SettingsReader session) {
            return new Session(
                    session.number("high-water-messages", 1, SessionSettings.MAX_HIGH_WATER_MESSAGES),
                    session.bytes("high-water-bytes", KIB, GIB),
                    session.number("max-in-flight", 1, 10_000),
                    session.duration("idle-timeout", Duration.ofSeconds(1), DAY),
                    session.duration("idempotency-retention", Duration.ofMinutes(1), DAY.multipliedBy(365)));
        }
    }

    /** Bounds of a user. */
    public record User(int maxInFlight, Duration idleTimeout) {

        static User from(SettingsReader user, Session session) {
            int maxInFlight = user.number("max-in-flight", 1, 10_000);
            if (maxInFlight < session.maxInFlight()) {
                throw user.refusal("max-in-flight", "at least memfuse.session.max-in-flight");
            }
            return new User(maxInFlight, user.duration("idle-timeout", Duration.ofSeconds(1), DAY));
        }
    }

    /**
     * The indexes of the users.
     *
     * @param maxBytes of all of them, at least 1
     * @param compactFromUnits of one user, from which on the index is compact
     */
    public record Index(long maxBytes, int compactFromUnits) {

        static Index from(SettingsReader index) {
            long maxBytes = index.bytes("max-bytes", 0, 1024 * GIB);
            return new Index(
                    maxBytes == 0 ? Runtime.getRuntime().maxMemory() / 2 : maxBytes,
                    index.number("compact-from-units", 1_000, 10_000_000));
        }
    }

    /** How much knowledge a user can have. */
    public record Knowledge(int maxItems, long maxBytes) {

        static Knowledge from(SettingsReader knowledge) {
            return new Knowledge(knowledge.number("max-items", 1, 1_000_000), knowledge.bytes("max-bytes", KIB, GIB));
        }

        /** What an answer with all of it has at most. */
        long listBytes() {
            return maxBytes + (long) KnowledgeItem.OVERHEAD_BYTES * maxItems;
        }
    }

    /** Bounds of a flush and of its repetitions. */
    public record Flush(int maxBatchMessages, Duration retryMin, Duration retryMax) {

        static Flush from(SettingsReader flush) {
            Duration retryMin = flush.duration("retry-min", Duration.ofMillis(10), Duration.ofMinutes(1));
            Duration retryMax = flush.duration("retry-max", Duration.ofMillis(10), Duration.ofMinutes(10));
            if (retryMax.compareTo(retryMin) < 0) {
                throw flush.refusal("retry-max", "at least memfuse.flush.retry-min");
            }
            return new Flush(flush.number("max-batch-messages", 1, 10_000), retryMin, retryMax);
        }
    }

    /**
     * Bounds of exports and imports.
     *
     * @param maxConcurrent exports at a time, and as many imports
     */
    public record Transfer(int maxConcurrent, long maxImportBytes, Duration timeout) {

        static Transfer from(SettingsReader transfer) {
            return new Transfer(
                    transfer.number("max-concurrent", 1, 64),
                    transfer.bytes("max-import-bytes", KIB, 1024 * GIB),
                    transfer.duration("timeout", Duration.ofSeconds(1), DAY));
        }
    }

    /** Times of an orderly stop: open requests first, then the buffers. */
    public record Shutdown(Duration requestTimeout, Duration drainTimeout) {

        static Shutdown from(SettingsReader shutdown) {
            return new Shutdown(
                    shutdown.duration("request-timeout", Duration.ZERO, Duration.ofMinutes(10)),
                    shutdown.duration("drain-timeout", Duration.ZERO, Duration.ofMinutes(10)));
        }
    }

    private static Path directory(SettingsReader reader, String key, String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException notAPath) {
            SettingsException refusal = reader.refusal(key, "a directory");
            refusal.initCause(notAPath);
            throw refusal;
        }
    }
}
