package memfuse.cluster;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import memfuse.actors.embedding.ThreadNiceness;
import memfuse.actors.extraction.OpenAiExtractor;
import memfuse.actors.extraction.OpenAiSettings;
import memfuse.actors.extraction.PatternExtractor;
import memfuse.actors.layers.FactBacklog;
import memfuse.actors.layers.FactBacklogSettings;
import memfuse.actors.layers.FactCounters;
import memfuse.actors.session.FactLayer;
import memfuse.cluster.metrics.FactState;
import memfuse.cluster.settings.FactsSettings;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.facts.FactStore;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.ClusterSingleton;
import org.apache.pekko.cluster.typed.SingletonActor;

/** M2 of a node: the extractor that is set, and the backlog of the cluster that it works in. */
final class FactLayers {
    private static final Duration RETRY_MIN = Duration.ofMillis(500);
    private static final Duration RETRY_MAX = Duration.ofSeconds(30);

    /** As that of embedding. */
    private static final int NICENESS = 10;

    private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

    /** Facts that a query of the facts looks at. */
    private static final FactQuery SEARCHED = new FactQuery(null, false, 5_000);

    private final FactsSettings settings;
    private final FactStore store;
    private final Optional<FactExtractor> extractor;
    private final FactCounters counters = new FactCounters();

    FactLayers(FactsSettings settings, FactStore store) {
        this.settings = settings;
        this.store = store;
        extractor = extractor(settings);
    }

    FactStore store() {
        return store;
    }

    /** What it does, unless nothing is to be extracted. */
    Optional<FactState> state() {
        return extractor.map(model -> new FactState(counters, model::usage));
    }

    /** Starts the backlog, unless nothing is to be extracted. */
    FactLayer start(ActorSystem<?> system, Executor executor) {
        if (extractor.isEmpty()) {
            return FactLayer.NONE;
        }
        FactBacklogSettings bounds =
                new FactBacklogSettings(settings.concurrency(), settings.batchMessages(), settings.batchTokens());
        ActorRef<FactBacklog.Command> backlog = ClusterSingleton.get(system)
                .init(SingletonActor.of(
                        FactBacklog.create(store, extractor.get(), executor, bounds, counters), "fact-backlog"));
        return new FactLayer() {
            @Override
            public OptionalLong firstWaiting(String sessionId) {
                return store.firstWaiting(sessionId);
            }

            @Override
            public void messagesFlushed() {
                backlog.tell(new FactBacklog.Wake());
            }

            @Override
            public List<Fact> current(String userId) {
                return store.facts(userId, SEARCHED);
            }
        };
    }

    /** One thread that steps back behind all other work, and ends when there is none for a while. */
    private static Executor background() {
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                1, 1, IDLE_LIMIT.toSeconds(), TimeUnit.SECONDS, new LinkedBlockingQueue<>(), FactLayers::newThread);
        thread.allowCoreThreadTimeOut(true);
        return thread;
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(
                () -> {
                    ThreadNiceness.apply(NICENESS);
                    work.run();
                },
                "facts");
        thread.setDaemon(true);
        return thread;
    }

    private static Optional<FactExtractor> extractor(FactsSettings settings) {
        return switch (settings.extractor()) {
            case NONE -> Optional.empty();
            case PATTERNS -> Optional.of(new PatternExtractor(background()));
            case OPENAI ->
                Optional.of(new OpenAiExtractor(
                        new OpenAiSettings(
                                settings.baseUrl(),
                                settings.model(),
                                settings.apiKey(),
                                settings.requestTimeout(),
                                settings.maxAttempts(),
                                RETRY_MIN,
                                RETRY_MAX,
                                settings.inputPrice(),
                                settings.outputPrice()),
                        InstantSource.system()));
        };
    }
}
