package memfuse.actors.layers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Works off the units of a node's store that were flushed without an embedding, one batch at a time, and stores the
 * embeddings that came after their unit's flush.
 *
 * <p>Looks for units when a session points them out, at the start, and every {@link #SCAN_INTERVAL}. An embedding is
 * kept until the store takes it, up to a bound. What is held may be lost with the node: such units are still pending in
 * the store, and are embedded again. A unit that cannot be embedded waits for the next scan, so that it holds up no
 * others.
 */
public final class EmbeddingBacklog extends AbstractBehavior<EmbeddingBacklog.Command> {
    /** How often the store is asked for pending units that nobody pointed out. */
    static final Duration SCAN_INTERVAL = Duration.ofSeconds(30);

    /** The pause after the store failed, or when the embedding queue has no room. */
    static final Duration RETRY_PAUSE = Duration.ofMillis(500);

    /** Units of one batch. */
    private static final int BATCH_UNITS = 256;

    /** Embeddings that are kept while the store does not take them; further ones are made again later. */
    static final int MAX_UNSTORED = 4096;

    /** Units that could not be embedded and are passed over until the next scan; with more, nothing is read till then. */
    private static final int MAX_SET_ASIDE = 4096;

    /** What the backlog receives. */
    public sealed interface Command {}

    /** The embedder is there: work begins. */
    record Start(IngestEmbedder embedder) implements Command {}

    /** There may be pending units. */
    record Wake() implements Command {}

    /** Embeddings of units that are flushed. */
    record Late(List<UnitVector> vectors) implements Command {}

    /** Time to look for pending units again, those that could not be embedded among them. */
    private record Scan() implements Command {}

    /** The pause after the store failed is over. */
    private record StoreAgain() implements Command {}

    private record PendingRead(
            List<PendingUnit> units, @Nullable Throwable failure) implements Command {}

    private record Embedded(List<UnitKey> keys, List<UnitVector> vectors) implements Command {}

    private record Stored(
            List<UnitVector> vectors, @Nullable Throwable failure) implements Command {}

    private final TimerScheduler<Command> timers;
    private final LayerStore store;
    private final Executor storeExecutor;
    private final Consumer<List<UnitVector>> onStored;
    private @Nullable IngestEmbedder embedder;

    /** Whether a batch is being read or embedded. */
    private boolean working;

    /** Whether units were pointed out since the last look. */
    private boolean woken;

    /** Units that could not be embedded since the last scan. */
    private final Set<UnitKey> setAside = new HashSet<>();

    /** Embeddings that wait to be stored, and whether some are being stored now or the store is given a pause. */
    private List<UnitVector> unstored = new ArrayList<>();

    private boolean storing;

    /**
     * A backlog that waits for its embedder.
     *
     * @param storeExecutor for blocking work
     * @param onStored hears of every embedding made here that is stored, on the actor's thread
     */
    public static Behavior<Command> create(
            LayerStore store, Executor storeExecutor, Consumer<List<UnitVector>> onStored) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new EmbeddingBacklog(context, timers, store, storeExecutor, onStored)));
    }

    private EmbeddingBacklog(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            LayerStore store,
            Executor storeExecutor,
            Consumer<List<UnitVector>> onStored) {
        super(context);
        this.timers = timers;
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.onStored = onStored;
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Start.class, this::onStart)
                .onMessage(Wake.class, wake -> onWake())
                .onMessage(Scan.class, scan -> onScan())
                .onMessage(PendingRead.class, this::onPendingRead)
                .onMessage(Embedded.class, this::onEmbedded)
                .onMessage(Late.class, this::onLate)
                .onMessage(Stored.class, this::onStored)
                .onMessage(StoreAgain.class, again -> onStoreAgain())
                .build();
    }

    private Behavior<Command> onStart(Start start) {
        embedder = start.embedder();
        timers.startTimerWithFixedDelay(new Scan(), SCAN_INTERVAL);
        return onWake();
    }

    private Behavior<Command> onScan() {
        setAside.clear();
        return onWake();
    }

    private Behavior<Command> onWake() {
        woken = true;
        readNext();
        return this;
    }

    private void readNext() {
        IngestEmbedder ready = embedder;
        if (working || !woken || storing || ready == null || setAside.size() >= MAX_SET_ASIDE) {
            return;
        }
        working = true;
        woken = false;
        Set<UnitKey> passedOver = Set.copyOf(setAside);
        getContext()
                .pipeToSelf(
                        supply(() -> {
                            Set<UnitKey> except = ready.claimed();
                            except.addAll(passedOver);
                            return store.pendingUnits(BATCH_UNITS, except);
                        }),
                        (units, failure) -> new PendingRead(failure == null ? units : List.of(), failure));
    }

    private Behavior<Command> onPendingRead(PendingRead read) {
        if (read.failure() != null) {
            getContext().getLog().warn("cannot read pending units, it will be tried again", read.failure());
            return pause();
        }
        if (read.units().isEmpty() || embedder == null) {
            working = false;
            readNext();
            return this;
        }
        Map<UnitKey, CompletableFuture<@Nullable UnitVector>> vectors = embedder.embedPending(read.units());
        if (vectors.isEmpty()) {
            return pause();
        }
        woken = true; // there may be more
        getContext()
                .pipeToSelf(
                        IngestEmbedder.all(vectors.values()),
                        (made, failure) ->
                                new Embedded(List.copyOf(vectors.keySet()), failure == null ? made : List.of()));
        return this;
    }

    private Behavior<Command> pause() {
        working = false;
        timers.startSingleTimer("pause", new Wake(), RETRY_PAUSE);
        return this;
    }

    private Behavior<Command> onEmbedded(Embedded embedded) {
        working = false;
        List<UnitKey> failed = new ArrayList<>(embedded.keys());
        failed.removeAll(embedded.vectors().stream().map(UnitVector::key).toList());
        setAside.addAll(failed);
        release(failed);
        unstored.addAll(embedded.vectors());
        storeNext();
        readNext();
        return this;
    }

    private Behavior<Command> onLate(Late late) {
        unstored.addAll(late.vectors());
        dropTooMany();
        storeNext();
        return this;
    }

    private void storeNext() {
        if (storing || unstored.isEmpty()) {
            return;
        }
        storing = true;
        List<UnitVector> vectors = unstored;
        unstored = new ArrayList<>();
        getContext()
                .pipeToSelf(
                        CompletableFuture.runAsync(() -> store.storeVectors(vectors), storeExecutor),
                        (done, failure) -> new Stored(vectors, failure));
    }

    private Behavior<Command> onStored(Stored stored) {
        if (stored.failure() != null) {
            getContext().getLog().warn("cannot store embeddings, it will be tried again", stored.failure());
            List<UnitVector> later = unstored;
            unstored = new ArrayList<>(stored.vectors());
            unstored.addAll(later);
            dropTooMany();
            timers.startSingleTimer(new StoreAgain(), RETRY_PAUSE);
            return this;
        }
        storing = false;
        release(stored.vectors().stream().map(UnitVector::key).toList());
        onStored.accept(stored.vectors());
        storeNext();
        readNext();
        return this;
    }

    private Behavior<Command> onStoreAgain() {
        storing = false;
        storeNext();
        return this;
    }

    /** Lets the last embeddings go where there are too many; their units are pending and found again. */
    private void dropTooMany() {
        if (unstored.size() > MAX_UNSTORED) {
            List<UnitVector> tooMany = unstored.subList(MAX_UNSTORED, unstored.size());
            release(tooMany.stream().map(UnitVector::key).toList());
            tooMany.clear();
            woken = true;
        }
    }

    private void release(List<UnitKey> keys) {
        if (embedder != null) {
            embedder.release(keys);
        }
    }

    private <T> CompletionStage<T> supply(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, storeExecutor);
    }
}
