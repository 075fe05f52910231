package memfuse.cluster;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.IndexBudget;
import memfuse.actors.user.UserCounters;
import memfuse.cluster.http.HttpApi;
import memfuse.cluster.http.HttpServer;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.access.Gate;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.resource.ServerStatus;
import memfuse.cluster.http.transfer.TransferParts;
import memfuse.cluster.membership.ClusterStartException;
import memfuse.cluster.membership.ManagementPort;
import memfuse.cluster.membership.Membership;
import memfuse.cluster.membership.NodeReadiness;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.cluster.settings.BuildInfo;
import memfuse.cluster.settings.ClusterSettings;
import memfuse.cluster.settings.LargeMessages;
import memfuse.cluster.settings.LoadedSettings;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.cluster.sharding.ShardedUsers;
import memfuse.persistence.database.DatabaseHealth;
import memfuse.persistence.store.PekkoJournalSerializer;
import memfuse.persistence.store.PostgresDirectory;
import memfuse.persistence.store.PostgresFactStore;
import memfuse.persistence.store.PostgresImportStore;
import memfuse.persistence.store.PostgresKeyStore;
import memfuse.persistence.store.PostgresKnowledgeStore;
import memfuse.persistence.store.PostgresLayerStore;
import memfuse.persistence.store.PostgresModelStore;
import memfuse.persistence.store.PostgresNodeRegister;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.store.ModelStore;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.pattern.Patterns;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: it opens the storage and the model, starts the actors, joins the cluster and listens; and takes all that
 * down again in the reverse order, after new requests are refused and the buffers are flushed.
 */
public final class Server implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Server.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);

    /** How long a node stays in its cluster when its users have stopped. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Storage storage;
    private final Embedding embedding;
    private final ActorSystem<Void> system;
    private final InetSocketAddress address;

    private Server(Storage storage, Embedding embedding, ActorSystem<Void> system, InetSocketAddress address) {
        this.storage = storage;
        this.embedding = embedding;
        this.system = system;
        this.address = address;
    }

    /**
     * Starts a node, and returns when it is a member of its cluster and serves.
     *
     * @param stopping whether the start is to wait for nothing any more
     * @throws RuntimeException when it cannot start, in one line that says why; nothing is left running then
     */
    public static Server start(LoadedSettings loaded, BooleanSupplier stopping) {
        MemFuseSettings settings = loaded.settings();
        CompletableFuture<Embedding> model = CompletableFuture.supplyAsync(() -> Embedding.open(settings));
        Deque<Runnable> undo = new ArrayDeque<>();
        undo.push(() -> closeWhenOpen(model));
        try {
            Storage storage = Storage.open(settings, stopping);
            undo.push(storage::close);
            ActorSystem<Void> system = createSystem(loaded, storage);
            undo.push(() -> stop(system));
            await(ManagementPort.open(system, settings.management()));
            CompletionStage<Void> member = Membership.join(
                    system,
                    settings.cluster(),
                    new PostgresNodeRegister(storage.database().dataSource()));
            Embedding embedding = await(model);
            await(member, settings.cluster().joinTimeout().plus(START_LIMIT));
            HttpServer http = await(serve(system, settings, storage, embedding));
            return new Server(storage, embedding, system, http.address());
        } catch (RuntimeException e) {
            undo.forEach(Runnable::run);
            throw e;
        }
    }

    /** Where the API listens. */
    public InetSocketAddress address() {
        return address;
    }

    /** Completes when the node has left its cluster and its actors have ended, for whatever reason. */
    public CompletionStage<Done> whenTerminated() {
        return system.getWhenTerminated();
    }

    /** Refuses new requests, flushes the buffers for as long as the settings allow, and ends everything. */
    @Override
    public void close() {
        stop(system);
        embedding.close();
        storage.close();
    }

    private static void closeWhenOpen(CompletableFuture<Embedding> model) {
        var unused = model.thenAccept(Embedding::close);
    }

    private static ActorSystem<Void> createSystem(LoadedSettings loaded, Storage storage) {
        ClusterSettings cluster = loaded.settings().cluster();
        try {
            return ActorSystem.create(
                    Behaviors.empty(),
                    "memfuse",
                    storage.journalConfig()
                            .withFallback(LargeMessages.config(loaded.settings()))
                            .withFallback(loaded.config()));
        } catch (RuntimeException failure) {
            String address = cluster.host() + ":" + cluster.port();
            throw ClusterStartException.ofListening("memfuse.cluster.port", address, failure)
                    .map(RuntimeException.class::cast)
                    .orElse(failure);
        }
    }

    private static CompletionStage<HttpServer> serve(
            ActorSystem<?> system, MemFuseSettings settings, Storage storage, Embedding embedding) {
        TokenCounter tokens = new TokenCounter();
        Directory directory = new PostgresDirectory(storage.database().dataSource());
        PostgresLayerStore store = new PostgresLayerStore(
                storage.database().dataSource(), new PekkoJournalSerializer(system), embedding.modelName());
        KnowledgeStore knowledge = new PostgresKnowledgeStore(storage.database().dataSource(), embedding.modelName());
        FactLayers facts = new FactLayers(
                settings.facts(), new PostgresFactStore(storage.database().dataSource()));
        ModelStore models =
                new PostgresModelStore(storage.database().dataSource(), embedding.modelName(), embedding.dimensions());
        NodeState node = state(settings, embedding, facts);
        Metrics metrics = new Metrics(node, System::nanoTime);
        metrics.bindDatabase(storage.database()::poolState);
        ShardedUsers users =
                NodeActors.start(system, settings, directory, store, knowledge, facts, models, embedding, tokens, node);
        CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
        shutdown.addTask(CoordinatedShutdown.PhaseServiceStop(), "flush-buffers", () -> drain(system, users, settings));
        shutdown.addTask("users-placed", "linger", () -> linger(system));
        AccessSettings access = ModuleSettings.access(settings);
        warnOfOpenDoors(settings, access);
        KeyRing keys = NodeActors.keyRing(
                system, access, new PostgresKeyStore(storage.database().dataSource()));
        HttpApi.Parts parts = new HttpApi.Parts(
                users,
                directory,
                status(system, settings, storage, embedding),
                node,
                metrics,
                tokens::count,
                InstantSource.system(),
                NodeActors.storeExecutor(system),
                system.executionContext(),
                keys,
                facts.store(),
                new Gate(access, keys, InstantSource.system(), System::nanoTime),
                transfer(system, settings, storage, embedding, tokens));
        return users.whenRegistered()
                .thenCompose(registered -> HttpServer.bind(
                        system,
                        ModuleSettings.http(settings),
                        new HttpApi(system, ModuleSettings.http(settings), parts)))
                .thenApply(http -> {
                    NodeReadiness.of(system).serving(() -> missing(storage));
                    return http;
                });
    }

    private static Optional<String> missing(Storage storage) {
        DatabaseHealth health = storage.database().health();
        return health.up() ? Optional.empty() : Optional.of("the database does not answer: " + health.problem());
    }

    private static TransferParts transfer(
            ActorSystem<?> system,
            MemFuseSettings settings,
            Storage storage,
            Embedding embedding,
            TokenCounter tokens) {
        DataSource dataSource = storage.database().dataSource();
        return new TransferParts(
                new PostgresImportStore(dataSource, new PekkoJournalSerializer(system), embedding.modelName()),
                new PostgresKnowledgeStore(dataSource, embedding.modelName()),
                NodeActors.pieces(tokens, settings.embedding().maxUnitTokens()),
                ModuleSettings.transfer(settings));
    }

    private static void warnOfOpenDoors(MemFuseSettings settings, AccessSettings access) {
        if (!access.keysNeeded() && settings.http().isReachable()) {
            LOG.warn(
                    "whoever reaches {} may read and change everything: memfuse.auth.enabled is false",
                    settings.http().host());
        }
        if (access.keysNeeded() && access.adminKey().isEmpty()) {
            LOG.warn("memfuse.auth.admin-key is not set: only API keys that were made before can be used");
        }
    }

    private static NodeState state(MemFuseSettings settings, Embedding embedding, FactLayers facts) {
        return new NodeState(
                new ActiveUsers(),
                new UserCounters(),
                new IndexBudget(settings.index().maxBytes()),
                new FlushCounters(),
                ModuleSettings.flush(settings).maxWorkers(),
                embedding::stats,
                facts.state());
    }

    private static ServerStatus status(
            ActorSystem<?> system, MemFuseSettings settings, Storage storage, Embedding embedding) {
        Map<String, Object> config = Map.of(
                "buffer_enabled", settings.buffer().enabled(),
                "embedding_model", Objects.requireNonNullElse(embedding.modelName(), "none"),
                "database", storage.kind());
        return new ServerStatus(BuildInfo.read().version(), config, NodeReadiness.of(system)::notReadyBecause);
    }

    /**
     * What is not flushed in time is in the journal, and flushed after the next start. A node that the others have given
     * up flushes nothing: its users are elsewhere by now.
     */
    private static CompletionStage<Done> drain(ActorSystem<?> system, ShardedUsers users, MemFuseSettings settings) {
        if (CoordinatedShutdown.get(system)
                .getShutdownReason()
                .filter(Server::isDowned)
                .isPresent()) {
            return CompletableFuture.completedFuture(Done.getInstance());
        }
        return users.flushThisNode(settings.shutdown().drainTimeout()).handle((sessions, failure) -> {
            if (failure == null) {
                LOG.info("flushed the buffers of {} sessions", sessions);
            } else {
                LOG.warn("not all buffers could be flushed in time; what is left is in the journal");
            }
            return Done.getInstance();
        });
    }

    /**
     * Who decides where users live may be on this node. It finds places for those who are asked for as soon as they have
     * stopped here; its successor would begin with that a second or two later.
     */
    private static CompletionStage<Done> linger(ActorSystem<?> system) {
        boolean alone = Cluster.get(system).state().members().size() <= 1;
        return Patterns.after(
                alone ? Duration.ZERO : LINGER,
                system.classicSystem(),
                () -> CompletableFuture.completedFuture(Done.getInstance()));
    }

    private static boolean isDowned(CoordinatedShutdown.Reason reason) {
        return reason.equals(CoordinatedShutdown.clusterDowningReason());
    }

    private static void stop(ActorSystem<?> system) {
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.jvmExitReason());
        try {
            system.getWhenTerminated().toCompletableFuture().get(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("the actors did not end in time: {}", e.toString());
        }
    }

    private static <T> T await(CompletionStage<T> stage) {
        return await(stage, START_LIMIT);
    }

    private static <T> T await(CompletionStage<T> stage, Duration limit) {
        try {
            return stage.toCompletableFuture().get(limit.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new CompletionException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("the node did not start within " + limit.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while starting", e);
        }
    }
}
