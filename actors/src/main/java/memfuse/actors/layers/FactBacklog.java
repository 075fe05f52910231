package memfuse.actors.layers;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import memfuse.protocol.Cause;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactExtractionException;
import memfuse.protocol.facts.FactExtractionException.Fault;
import memfuse.protocol.facts.FactExtractor;
import memfuse.protocol.facts.FactStore;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Works off the flushed messages that wait for their facts (M2): one of it in a cluster, so that none are extracted from
 * twice.
 *
 * <p>Looks for them when a session says that it has flushed, at the start, and every {@link #SCAN_INTERVAL}. What is
 * under way may be lost with the node, or with an error here: those messages are still waiting in the store, and are
 * extracted from again. Where the extractor is not available everything rests for a pause that grows; what fails at
 * certain messages holds up no other session, and in the end not its own either.
 */
public final class FactBacklog extends AbstractBehavior<FactBacklog.Command> {
    /** How often the store is asked for messages that nobody pointed out. */
    static final Duration SCAN_INTERVAL = Duration.ofSeconds(30);

    /** Tries to store the facts of one batch before its session is set aside. */
    private static final int MAX_STORES = 8;

    /** What the backlog receives. */
    public sealed interface Command {}

    /** A session has flushed; from any node. */
    public record Wake() implements Command, CborSerializable {}

    private record Scan() implements Command {}

    /** A pause is over. */
    private record GoOn() implements Command {}

    private record StoreAgain(Extracted extracted) implements Command {}

    /** The end of work that went on elsewhere; of work that was begun before a restart, it is of no account. */
    private sealed interface Outcome extends Command {
        /** Who began it. */
        Object origin();
    }

    private record WaitingRead(
            Object origin,
            List<FactBatch> batches,
            @Nullable Throwable failure) implements Outcome {}

    /** @param stores how often it was tried to store them */
    private record Extracted(
            Object origin,
            FactBatch batch,
            List<ExtractedFact> facts,
            @Nullable Throwable failure,
            int stores) implements Outcome {}

    private record Stored(
            Object origin, Extracted extracted, @Nullable Throwable failure) implements Outcome {}

    private final TimerScheduler<Command> timers;
    private final FactStore store;
    private final FactExtractor extractor;
    private final Executor executor;
    private final FactBacklogSettings settings;
    private final FactCounters counters;

    /** Batches that are extracted from or stored, by session. */
    private final Map<String, FactBatch> underWay = new HashMap<>();

    private final TroubledSessions troubled = new TroubledSessions();
    private final RetryPause readPause = new RetryPause();
    private final RetryPause extractorPause = new RetryPause();
    private final RetryPause storePause = new RetryPause();

    private boolean reading;

    /** Whether there may be messages that wait. */
    private boolean woken;

    /** Whether everything rests. */
    private boolean pausing;

    /**
     * A backlog that begins at once.
     *
     * @param executor for blocking work
     */
    public static Behavior<Command> create(
            FactStore store,
            FactExtractor extractor,
            Executor executor,
            FactBacklogSettings settings,
            FactCounters counters) {
        Behavior<Command> working = Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new FactBacklog(context, timers, store, extractor, executor, settings, counters)));
        return Behaviors.supervise(working)
                .onFailure(SupervisorStrategy.restartWithBackoff(RetryPause.MIN, RetryPause.MAX, 0.2));
    }

    private FactBacklog(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            FactStore store,
            FactExtractor extractor,
            Executor executor,
            FactBacklogSettings settings,
            FactCounters counters) {
        super(context);
        this.timers = timers;
        this.store = store;
        this.extractor = extractor;
        this.executor = executor;
        this.settings = settings;
        this.counters = counters;
        timers.startTimerWithFixedDelay(new Scan(), SCAN_INTERVAL);
        onWake();
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Outcome.class, outcome -> outcome.origin() != this, outcome -> this)
                .onMessage(Wake.class, wake -> onWake())
                .onMessage(Scan.class, scan -> onScan())
                .onMessage(GoOn.class, goOn -> onGoOn())
                .onMessage(WaitingRead.class, this::onWaitingRead)
                .onMessage(Extracted.class, this::onExtracted)
                .onMessage(Stored.class, this::onStored)
                .onMessage(StoreAgain.class, again -> store(again.extracted()))
                .build();
    }

    private Behavior<Command> onWake() {
        woken = true;
        readNext();
        return this;
    }

    private Behavior<Command> onScan() {
        troubled.clearSetAside();
        return onWake();
    }

    private Behavior<Command> onGoOn() {
        pausing = false;
        return onWake();
    }

    private void readNext() {
        int free = settings.concurrency() - underWay.size();
        if (reading || pausing || !woken || free == 0 || troubled.isFull()) {
            return;
        }
        reading = true;
        woken = false;
        Set<String> except = troubled.waiting();
        except.addAll(underWay.keySet());
        CompletionStage<List<FactBatch>> waiting = CompletableFuture.supplyAsync(
                () -> store.waiting(free, settings.batchMessages(), settings.batchTokens(), except), executor);
        getContext()
                .pipeToSelf(
                        waiting,
                        (batches, failure) -> new WaitingRead(this, failure == null ? batches : List.of(), failure));
    }

    private Behavior<Command> onWaitingRead(WaitingRead read) {
        reading = false;
        if (read.failure() != null) {
            getContext()
                    .getLog()
                    .warn("cannot read what waits for facts, it will be tried again: {}", Cause.of(read.failure()));
            return pause(readPause);
        }
        readPause.reset();
        woken |= !read.batches().isEmpty(); // there may be more
        read.batches().forEach(batch -> extract(troubled.bounded(batch)));
        readNext();
        return this;
    }

    private Behavior<Command> pause(RetryPause pause) {
        pausing = true;
        timers.startSingleTimer(new GoOn(), pause.next());
        return this;
    }

    private void extract(FactBatch batch) {
        underWay.put(batch.sessionId(), batch);
        CompletionStage<List<ExtractedFact>> facts = CompletableFuture.supplyAsync(
                        () -> extractor.extract(batch.messages()), executor)
                .thenCompose(Function.identity());
        getContext()
                .pipeToSelf(
                        facts,
                        (found, failure) ->
                                new Extracted(this, batch, failure == null ? found : List.of(), failure, 0));
    }

    private Behavior<Command> onExtracted(Extracted extracted) {
        FactBatch batch = extracted.batch();
        if (extracted.failure() == null) {
            extractorPause.reset();
            troubled.onDone(batch);
            return store(extracted);
        }
        counters.failed();
        Throwable failure = extracted.failure() instanceof CompletionException wrapped && wrapped.getCause() != null
                ? wrapped.getCause()
                : extracted.failure();
        if (failure instanceof FactExtractionException known && known.fault() == Fault.UNAVAILABLE) {
            getContext().getLog().warn("cannot extract facts now, it will be tried again: {}", Cause.of(failure));
            underWay.remove(batch.sessionId());
            return pausing ? this : pause(extractorPause);
        }
        if (troubled.onFailed(batch)) {
            getContext()
                    .getLog()
                    .warn(
                            "no facts are extracted from message {} of session {}: {}",
                            batch.messages().get(0).seq(),
                            batch.sessionId(),
                            Cause.of(failure));
            return store(extracted);
        }
        getContext()
                .getLog()
                .debug("no facts of {} messages yet: {}", batch.messages().size(), Cause.of(failure));
        return goOnWithout(batch);
    }

    private Behavior<Command> goOnWithout(FactBatch batch) {
        underWay.remove(batch.sessionId());
        return onWake();
    }

    private Behavior<Command> store(Extracted extracted) {
        CompletionStage<Boolean> stored = CompletableFuture.supplyAsync(
                () -> {
                    store.store(extracted.batch(), extracted.facts(), extractor.name());
                    return true;
                },
                executor);
        getContext().pipeToSelf(stored, (done, failure) -> new Stored(this, extracted, failure));
        return this;
    }

    private void count(Extracted extracted) {
        int messages = extracted.batch().messages().size();
        if (extracted.failure() == null) {
            counters.stored(messages, extracted.facts().size());
        } else {
            counters.passedOver(messages);
        }
    }

    private Behavior<Command> onStored(Stored stored) {
        Extracted extracted = stored.extracted();
        if (stored.failure() == null) {
            storePause.reset();
            count(extracted);
            return goOnWithout(extracted.batch());
        }
        counters.failed();
        getContext().getLog().warn("cannot store facts, it will be tried again: {}", Cause.of(stored.failure()));
        if (extracted.stores() + 1 >= MAX_STORES) {
            troubled.setAside(extracted.batch().sessionId());
            return goOnWithout(extracted.batch());
        }
        Extracted again =
                new Extracted(this, extracted.batch(), extracted.facts(), extracted.failure(), extracted.stores() + 1);
        timers.startSingleTimer(extracted.batch().sessionId(), new StoreAgain(again), storePause.next());
        return this;
    }
}
