package memfuse.cluster.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.layers.FactCounters;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.IndexBudget;
import memfuse.actors.user.UserCounters;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.access.Gate;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.resource.ServerStatus;
import memfuse.cluster.http.transfer.TransferParts;
import memfuse.cluster.http.transfer.TransferSettings;
import memfuse.cluster.metrics.FactState;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.ExtractionUsage;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryKeyStore;
import memfuse.protocol.testkit.InMemoryKnowledgeStore;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** A server on a free port of the loopback for tests, with one user, agent and session, and a client for it. */
final class ApiServer implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-01-31T10:20:30.123456Z");
    static final String NOW_TEXT = "2026-01-31T10:20:30.123456Z";
    static final ObjectMapper JSON = new ObjectMapper();

    static final HttpSettings SETTINGS = new HttpSettings(
            "127.0.0.1",
            0,
            512,
            64,
            64,
            4 << 20,
            Duration.ofSeconds(1),
            64 << 10,
            1 << 10,
            20,
            1 << 20,
            4 << 20,
            Duration.ofSeconds(8),
            Duration.ofSeconds(10),
            Duration.ofSeconds(5));

    /** The usual settings with these bounds of the requests in work. */
    static HttpSettings bounded(int maxInFlight, long maxInFlightBytes, Duration requestTimeout) {
        return settings(SETTINGS.port(), maxInFlight, maxInFlightBytes, requestTimeout);
    }

    /** The usual settings on this port. */
    static HttpSettings onPort(int port) {
        return settings(port, SETTINGS.maxInFlight(), SETTINGS.maxInFlightBytes(), SETTINGS.requestTimeout());
    }

    private static HttpSettings settings(int port, int maxInFlight, long maxInFlightBytes, Duration requestTimeout) {
        HttpSettings usual = SETTINGS;
        return new HttpSettings(
                usual.host(),
                port,
                usual.maxConnections(),
                usual.backlog(),
                maxInFlight,
                maxInFlightBytes,
                usual.maxQueueTime(),
                usual.maxBodyBytes(),
                usual.maxMessageBytes(),
                usual.maxMessagesPerRequest(),
                usual.maxAnswerBytes(),
                usual.maxInFlightAnswerBytes(),
                usual.maxWait(),
                requestTimeout,
                usual.shutdownTimeout());
    }

    static final TransferSettings TRANSFER =
            new TransferSettings(2, 256 << 10, 1 << 10, Duration.ofSeconds(20), new KnowledgeBounds(100, 100 << 10));

    static final AccessSettings EVERYBODY = new AccessSettings(false, Optional.empty(), 0);

    final InMemoryDirectory directory = new InMemoryDirectory();
    final RecordedImports imports = new RecordedImports();
    final InMemoryKnowledgeStore knowledge = new InMemoryLayerStore(directory, false).knowledge();
    final InMemoryKeyStore keyStore = new InMemoryKeyStore(directory);
    final InMemoryLayerStore layers = new InMemoryLayerStore(directory, false);
    final KeyRing keys;
    final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000_000);
    volatile Instant now = NOW;
    final FactState facts =
            new FactState(new FactCounters(), () -> new ExtractionUsage(4, 1, 0, 2_000, 200, 3, 0.0011));
    final NodeState node = new NodeState(
            new ActiveUsers(),
            new UserCounters(),
            new IndexBudget(1),
            new FlushCounters(),
            2,
            () -> Optional.empty(),
            Optional.of(facts));
    final ActorSystem<Void> system;
    final ScriptedGateway gateway;
    final HttpApi api;
    final URI root;
    volatile boolean databaseIsGone;
    volatile Optional<String> notReady = Optional.empty();

    private final AtomicInteger newKeys = new AtomicInteger();
    private final ExecutorService blocking = Executors.newFixedThreadPool(4);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** One system for the servers of all tests that do not stop it; its threads end with the JVM. */
    private static final class Shared {
        private static final ActorSystem<Void> SYSTEM = newSystem();
    }

    ApiServer() {
        this(SETTINGS);
    }

    ApiServer(HttpSettings settings) {
        this(Shared.SYSTEM, settings);
    }

    static ActorSystem<Void> newSystem() {
        return ActorSystem.create(
                Behaviors.empty(),
                "http-test",
                ConfigFactory.parseMap(Map.of(
                                "pekko.actor.provider",
                                "local",
                                "pekko.daemonic",
                                "on",
                                "pekko.coordinated-shutdown.default-phase-timeout",
                                "60s",
                                "pekko.coordinated-shutdown.phases.service-requests-done.timeout",
                                "60s"))
                        .withFallback(ConfigFactory.load()));
    }

    ApiServer(ActorSystem<Void> system, HttpSettings settings) {
        this(system, settings, EVERYBODY);
    }

    ApiServer(AccessSettings access) {
        this(SETTINGS, access);
    }

    ApiServer(HttpSettings settings, AccessSettings access) {
        this(Shared.SYSTEM, settings, access);
    }

    private ApiServer(ActorSystem<Void> system, HttpSettings settings, AccessSettings access) {
        this.system = system;
        gateway = new ScriptedGateway(directory, system.ignoreRef());
        keys = new KeyRing(keyStore, this::runBlocking, access, nanos.get());
        InstantSource clock = () -> now;
        api = new HttpApi(
                system,
                settings,
                new HttpApi.Parts(
                        gateway,
                        directory,
                        new ServerStatus(
                                "1.2.3", Map.of("embedding_model", "none", "buffer_enabled", true), () -> notReady),
                        node,
                        new Metrics(node, nanos::get),
                        String::length,
                        clock,
                        this::runBlocking,
                        system.executionContext(),
                        keys,
                        layers.facts(),
                        new Gate(access, keys, clock, nanos::get),
                        new TransferParts(
                                imports,
                                knowledge,
                                (text, tokens) -> List.of(new SplitKnowledge.Piece(text, tokens)),
                                TRANSFER)));
        HttpServer server =
                HttpServer.bind(system, settings, api).toCompletableFuture().join();
        root = URI.create("http://127.0.0.1:" + server.address().getPort());
        directory.create(EntityKind.USER, new Entity("u1", "ann", null, NOW, NOW));
        directory.create(EntityKind.AGENT, new Entity("a1", "helper", "an agent", NOW, NOW));
        directory.createSession(new Session("s1", "u1", "a1", "first", NOW, NOW));
    }

    private void runBlocking(Runnable task) {
        if (databaseIsGone) {
            throw new RejectedExecutionException("gone");
        }
        blocking.execute(task);
    }

    /** Asks until the answer has this status. */
    void awaitStatus(int status, String path) {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (get(path).status() != status) {
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("never got " + status + " of " + path);
            }
        }
    }

    /** An answer as a client sees it. */
    record Answer(int status, Map<String, List<String>> headers, String body) {
        JsonNode json() {
            return parse(body);
        }

        String header(String name) {
            return headers.getOrDefault(name, List.of("")).get(0);
        }
    }

    Answer get(String path) {
        return send("GET", path);
    }

    Answer post(String path, String body) {
        return send("POST", path, body);
    }

    Answer send(String method, String path) {
        return send(method, path, new byte[0]);
    }

    Answer send(String method, String path, String body) {
        return send(method, path, body.getBytes(StandardCharsets.UTF_8));
    }

    Answer send(String method, String path, byte[] body) {
        return send(request(method, path, body).build());
    }

    /** Sends a request with a key. */
    Answer sendAs(String key, String method, String path, String body) {
        return send(request(method, path, body.getBytes(StandardCharsets.UTF_8))
                .header("Authorization", "Bearer " + key)
                .build());
    }

    private HttpRequest.Builder request(String method, String path, byte[] body) {
        return HttpRequest.newBuilder(root.resolve(path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    }

    /** A key that is stored for a user, without an end. */
    String newKey(String userId, Permissions permissions) {
        return newKey(userId, permissions, null);
    }

    String newKey(String userId, Permissions permissions, @Nullable Instant expiresAt) {
        int number = newKeys.incrementAndGet();
        String text = "key-" + number + "-of-" + userId + "-0123456789-0123456789-0123456789";
        ApiKey key = new ApiKey("k" + number, userId, null, permissions, NOW.plusSeconds(number), expiresAt);
        if (keyStore.create(key, keys.digest(text)) != KeyStore.Created.DONE) {
            throw new AssertionError("not stored: " + key);
        }
        return text;
    }

    Answer send(HttpRequest request) {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.headers().map(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode parse(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError("not JSON: " + json, e);
        }
    }

    @Override
    public void close() {
        blocking.shutdownNow();
    }
}
