package memfuse.cluster;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import memfuse.actors.embedding.Chunker;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.flush.FlushCoordinator;
import memfuse.actors.layers.EmbeddingBacklog;
import memfuse.actors.layers.IngestEmbedder;
import memfuse.actors.layers.ModelAdoption;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.SessionServices;
import memfuse.actors.session.UnitEmbedder;
import memfuse.actors.session.UnitSplitter;
import memfuse.actors.turns.UserTurns;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.FailureLog;
import memfuse.actors.user.KnowledgeServices;
import memfuse.actors.user.UserRehearsal;
import memfuse.actors.user.UserServices;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.access.KeyWatch;
import memfuse.cluster.http.transfer.TextPieces;
import memfuse.cluster.membership.TenureWatch;
import memfuse.cluster.metrics.NodeState;
import memfuse.cluster.settings.MemFuseSettings;
import memfuse.cluster.sharding.AnswerSweeper;
import memfuse.cluster.sharding.DirtySweeper;
import memfuse.cluster.sharding.EmbeddingShares;
import memfuse.cluster.sharding.OrphanSweeper;
import memfuse.cluster.sharding.ShardedUsers;
import memfuse.cluster.sharding.ShardedUsers.UserServicesFactory;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.ModelStore;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;

/** The actors of a node: flush workers, embedding, the users' region and the sweeper. */
final class NodeActors {
    private NodeActors() {}

    /** The executor for reads and writes of the directory and the layers, other than flushes. */
    static Executor storeExecutor(ActorSystem<?> system) {
        return system.dispatchers().lookup(DispatcherSelector.fromConfig("memfuse-store-dispatcher"));
    }

    /** The keys in use, and their watch where keys are needed. */
    static KeyRing keyRing(ActorSystem<?> system, AccessSettings settings, KeyStore store) {
        KeyRing keys = new KeyRing(store, storeExecutor(system), settings, System.nanoTime());
        if (settings.keysNeeded()) {
            system.scheduler()
                    .scheduleWithFixedDelay(
                            KeyWatch.INTERVAL,
                            KeyWatch.INTERVAL,
                            new KeyWatch(keys, System::nanoTime),
                            system.dispatchers().lookup(DispatcherSelector.fromConfig("memfuse-watch-dispatcher")));
        }
        return keys;
    }

    /** Starts them all on a node that is a member of its cluster; it is ready for users when this returns. */
    static ShardedUsers start(
            ActorSystem<?> system,
            MemFuseSettings settings,
            Directory directory,
            LayerStore store,
            KnowledgeStore knowledgeStore,
            FactLayers facts,
            ModelStore models,
            Embedding embedding,
            TokenCounter tokens,
            NodeState node) {
        Executor storeExecutor = storeExecutor(system);
        Executor flushExecutor = system.dispatchers().lookup(DispatcherSelector.fromConfig("memfuse-flush-dispatcher"));
        Executor searchExecutor =
                system.dispatchers().lookup(DispatcherSelector.fromConfig("memfuse-search-dispatcher"));
        ActiveUsers activeUsers = node.activeUsers();
        FailureLog failures = new FailureLog(InstantSource.system());
        ActorRef<FlushProtocol.Command> flush = system.systemActorOf(
                FlushCoordinator.create(ModuleSettings.flush(settings), store::flush, flushExecutor, node.flushes()),
                "flush",
                Props.empty());
        Chunker chunker = new Chunker(tokens, settings.embedding().maxUnitTokens());
        UnitEmbedder embedder = unitEmbedder(system, store, storeExecutor, embedding, activeUsers);
        String model = embedding.modelName();
        system.systemActorOf(
                ModelAdoption.create(
                        models,
                        storeExecutor,
                        model == null ? "none" : model,
                        model != null,
                        embedder::unitsPending,
                        embedding::setPendingUnits),
                "model-adoption",
                Props.empty());
        UserTurns storeThreads = new UserTurns(
                storeExecutor, UserTurns.shareOf(settings.database().layerPoolSize()));
        UserTurns searchThreads = new UserTurns(
                searchExecutor, UserTurns.shareOf(Runtime.getRuntime().availableProcessors()));
        SessionServices sessions = new SessionServices(
                ModuleSettings.session(settings),
                store,
                storeThreads,
                splitter(chunker),
                embedder,
                flush,
                facts.start(system, storeExecutor));
        KnowledgeServices knowledge = new KnowledgeServices(
                knowledgeStore,
                ModuleSettings.knowledge(settings),
                item -> split(chunker, item),
                embedder::unitsPending);
        BooleanSupplier mayServe = TenureWatch.start(system);
        UserServicesFactory services = passivate -> new UserServices(
                ModuleSettings.user(settings),
                directory,
                store,
                knowledge,
                storeThreads,
                searchThreads,
                sessions,
                embedding.queries(),
                () -> new MemoryIndex(
                        embedding.dimensions(),
                        FusionWeights.DEFAULTS,
                        settings.index().compactFromUnits()),
                activeUsers,
                node.indexes(),
                failures,
                node.users(),
                InstantSource.system(),
                mayServe,
                passivate);
        UserRehearsal.run(system, services.create(user -> {}), settings.askTimeout())
                .toCompletableFuture()
                .join();
        ShardedUsers users =
                ShardedUsers.start(system, activeUsers, store, storeExecutor, settings.askTimeout(), services);
        ClusterSingleton singletons = ClusterSingleton.get(system);
        singletons.init(SingletonActor.of(DirtySweeper.create(store, storeExecutor), "dirty-sweeper"));
        singletons.init(SingletonActor.of(OrphanSweeper.create(store, storeExecutor), "orphan-sweeper"));
        singletons.init(SingletonActor.of(
                AnswerSweeper.create(
                        store,
                        storeExecutor,
                        InstantSource.system(),
                        settings.session().idempotencyRetention()),
                "answer-sweeper"));
        return users;
    }

    /** What texts are searched by, cut as messages are. */
    static TextPieces pieces(TokenCounter counter, int maxUnitTokens) {
        Chunker chunker = new Chunker(counter, maxUnitTokens);
        return (text, tokens) -> pieces(chunker, text, tokens);
    }

    private static List<SplitKnowledge.Piece> pieces(Chunker chunker, String text, int tokens) {
        return chunker.chunk(text, tokens).stream()
                .map(chunk -> new SplitKnowledge.Piece(chunk.text(), chunk.tokens()))
                .toList();
    }

    private static SplitKnowledge split(Chunker chunker, NewKnowledge item) {
        return new SplitKnowledge(item.id(), item.content(), pieces(chunker, item.content(), item.tokens()));
    }

    private static UnitSplitter splitter(Chunker chunker) {
        return (sessionId, message) -> {
            List<Chunker.Chunk> chunks = chunker.chunk(message.content(), message.tokens());
            return IntStream.range(0, chunks.size())
                    .mapToObj(chunkNo -> new MemoryUnit(
                            new UnitKey(sessionId, message.seq(), chunkNo),
                            message,
                            chunks.get(chunkNo).text(),
                            chunks.get(chunkNo).tokens(),
                            null))
                    .toList();
        };
    }

    private static UnitEmbedder unitEmbedder(
            ActorSystem<?> system,
            LayerStore store,
            Executor storeExecutor,
            Embedding embedding,
            ActiveUsers activeUsers) {
        if (embedding.queue() == null) {
            return Embedding.NO_UNITS;
        }
        EmbeddingShares shares = EmbeddingShares.start(system, activeUsers);
        ActorRef<EmbeddingBacklog.Command> backlog = system.systemActorOf(
                EmbeddingBacklog.create(store, storeExecutor, shares::ours, shares.tell()),
                "embedding-backlog",
                Props.empty());
        return new IngestEmbedder(embedding.queue(), embedding.texts(), backlog);
    }
}
