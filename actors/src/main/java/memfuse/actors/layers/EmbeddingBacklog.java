package memfuse.actors.layers;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import memfuse.protocol.Cause;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Works off the units of the store that were flushed without an embedding and fall to this node, one batch at a time, and
 * stores the embeddings that came after their unit's flush.
 *
 * <p>Looks for units when a session points them out, at the start, and every {@link #SCAN_INTERVAL}. An embedding is
 * kept until the store takes it, up to a bound. What is held may be lost with the node, or with an error here, after which
 * the backlog starts anew: such units are still pending in the store, and are embedded again. A unit that cannot be
 * embedded waits for the next scan, and one whose embedding the store cannot take for the next start of the node, so that
 * they hold up no others.
 */
public final class EmbeddingBacklog extends AbstractBehavior<EmbeddingBacklog.Command> {
    /** How often the store is asked for pending units that nobody pointed out. */
    static final Duration SCAN_INTERVAL = Duration.ofSeconds(30);

    /**
     * How often a node that shares the work with others looks: nobody points out what other nodes flushed without an
     * embedding.
     */
    static final Duration SHARED_LOOK_INTERVAL = Duration.ofSeconds(2);

    /** Units of one batch; nothing is read while as many embeddings wait for the store. */
    private static final int BATCH_UNITS = 256;

    private static final String PAUSE = "pause";

    /** What the backlog receives. */
    public sealed interface Command permits Start, Wake, Rested, Look, Late, Scan, Outcome, VectorWriter.StoreAgain {}

    /** The embedder is there: work begins. */
    record Start(IngestEmbedder embedder) implements Command {}

    /** There may be pending units. */
    record Wake() implements Command {}

    /** A pause is over. */
    private record Rested() implements Command {}

    /** Time to look for what other nodes left. */
    private record Look() implements Command {}

    /** Embeddings of units that are flushed. */
    record Late(List<UnitVector> vectors) implements Command {}

    /** Time to look for pending units again, those that could not be embedded among them. */
    private record Scan() implements Command {}

    /** The end of work that went on elsewhere; of work that was begun before a restart, it is of no account. */
    non-sealed interface Outcome extends Command {
        /** Who began it. */
        Object origin();
    }

    private record PendingRead(
            Object origin,
            List<PendingUnit> units,
            @Nullable Throwable failure) implements Outcome {}

    private record Embedded(Object origin, List<UnitVector> vectors) implements Outcome {}

    private final TimerScheduler<Command> timers;
    private final LayerStore store;
    private final Executor storeExecutor;
    private final Supplier<BacklogShare> share;
    private final Consumer<List<UnitVector>> onStored;
    private final IngestEmbedder embedder;

    /** Whether a batch is being read or embedded. */
    private boolean working;

    /** Whether units were pointed out since the last look. */
    private boolean woken;

    /** Whether units were pointed out while others were in work, which are not looked at: one of them may have changed. */
    private boolean wokenAmidWork;

    /** Units that are being embedded for this backlog. */
    private List<UnitKey> embedding = List.of();

    /** Kept over restarts. */
    private final PassedOver passedOver;

    private final VectorWriter writer;
    private final RetryPause readPause = new RetryPause();

    /**
     * A backlog that waits for its embedder.
     *
     * @param storeExecutor for blocking work
     * @param share which of the pending units are this node's to embed, as of now
     * @param onStored hears of every embedding made here that is stored, on the actor's thread
     */
    public static Behavior<Command> create(
            LayerStore store,
            Executor storeExecutor,
            Supplier<BacklogShare> share,
            Consumer<List<UnitVector>> onStored) {
        return Behaviors.receive(Command.class)
                .onMessage(Start.class, start -> {
                    PassedOver passedOver = new PassedOver();
                    Behavior<Command> working =
                            Behaviors.setup(context -> Behaviors.withTimers(timers -> new EmbeddingBacklog(
                                    context,
                                    timers,
                                    store,
                                    storeExecutor,
                                    share,
                                    onStored,
                                    start.embedder(),
                                    passedOver)));
                    return Behaviors.supervise(working)
                            .onFailure(SupervisorStrategy.restartWithBackoff(RetryPause.MIN, RetryPause.MAX, 0.2));
                })
                .build();
    }

    private EmbeddingBacklog(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            LayerStore store,
            Executor storeExecutor,
            Supplier<BacklogShare> share,
            Consumer<List<UnitVector>> onStored,
            IngestEmbedder embedder,
            PassedOver passedOver) {
        super(context);
        this.timers = timers;
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.share = share;
        this.onStored = onStored;
        this.embedder = embedder;
        this.passedOver = passedOver;
        this.writer = new VectorWriter(context, timers, store, storeExecutor, this, passedOver::refuse);
        timers.startTimerWithFixedDelay(new Scan(), SCAN_INTERVAL);
        timers.startTimerWithFixedDelay(new Look(), SHARED_LOOK_INTERVAL);
        onWake();
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Outcome.class, outcome -> outcome.origin() != this, outcome -> this)
                .onMessage(Wake.class, wake -> onWake())
                .onMessage(Rested.class, rested -> onWake())
                .onMessage(Scan.class, scan -> onScan())
                .onMessage(Look.class, look -> share.get().of() > 1 ? onWake() : this)
                .onMessage(PendingRead.class, this::onPendingRead)
                .onMessage(Embedded.class, this::onEmbedded)
                .onMessage(Late.class, this::onLate)
                .onMessage(VectorWriter.Stored.class, this::onStored)
                .onMessage(VectorWriter.StoreAgain.class, again -> onStoreAgain())
                .onSignal(PreRestart.class, signal -> onPreRestart())
                .build();
    }

    private Behavior<Command> onScan() {
        passedOver.clearSetAside();
        return onWake();
    }

    private Behavior<Command> onWake() {
        woken = true;
        wokenAmidWork |= isInWork();
        readNext();
        return this;
    }

    private void readNext() {
        if (wokenAmidWork && !isInWork()) {
            wokenAmidWork = false;
            woken = true;
        }
        if (working || !woken || isResting() || writer.size() >= BATCH_UNITS || passedOver.isFull()) {
            return;
        }
        if (!embedder.hasRoomFor(BATCH_UNITS)) {
            pause(RetryPause.MIN);
            return;
        }
        working = true;
        woken = false;
        Set<UnitKey> except = passedOver.keys();
        except.addAll(embedder.claimed()); // now: one of these may be refused by the store while this waits to be read
        BacklogShare ours = share.get();
        CompletionStage<List<PendingUnit>> units = CompletableFuture.supplyAsync(
                () -> {
                    except.addAll(embedder.claimed());
                    return store.pendingUnits(BATCH_UNITS, except, ours);
                },
                storeExecutor);
        getContext()
                .pipeToSelf(
                        units, (read, failure) -> new PendingRead(this, failure == null ? read : List.of(), failure));
    }

    private Behavior<Command> onPendingRead(PendingRead read) {
        if (read.failure() != null) {
            getContext()
                    .getLog()
                    .warn("cannot read pending units, it will be tried again: {}", Cause.of(read.failure()));
            return pause(readPause.next());
        }
        readPause.reset();
        if (read.units().isEmpty()) {
            working = false;
            readNext();
            return this;
        }
        embedding = read.units().stream().map(PendingUnit::key).toList();
        Map<UnitKey, CompletableFuture<@Nullable UnitVector>> vectors = embedder.embedPending(read.units());
        embedding = List.copyOf(vectors.keySet());
        if (vectors.isEmpty()) {
            return pause(RetryPause.MIN);
        }
        woken = true; // there may be more
        getContext()
                .pipeToSelf(
                        IngestEmbedder.all(vectors.values()),
                        (made, failure) -> new Embedded(this, failure == null ? made : List.of()));
        return this;
    }

    /** Lets reading rest, whoever points out units, and takes it up by itself. */
    private Behavior<Command> pause(Duration pause) {
        working = false;
        timers.startSingleTimer(PAUSE, new Rested(), pause);
        return this;
    }

    private boolean isResting() {
        return timers.isTimerActive(PAUSE);
    }

    private Behavior<Command> onEmbedded(Embedded embedded) {
        working = false;
        List<UnitKey> failed = new ArrayList<>(embedding);
        failed.removeAll(keys(embedded.vectors()));
        embedding = List.of();
        passedOver.setAside(failed);
        embedder.release(failed);
        write(embedded.vectors());
        readNext();
        return this;
    }

    private Behavior<Command> onLate(Late late) {
        write(late.vectors());
        return this;
    }

    /** Embeddings that are too many to keep are let go: their units are pending and found again. */
    private void write(List<UnitVector> vectors) {
        List<UnitVector> tooMany = writer.write(vectors);
        if (!tooMany.isEmpty()) {
            embedder.release(keys(tooMany));
            woken = true;
        }
    }

    private Behavior<Command> onStored(VectorWriter.Stored stored) {
        List<UnitVector> done = writer.onStored(stored);
        embedder.release(keys(done));
        if (stored.failure() == null) {
            onStored.accept(done);
        }
        readNext();
        return this;
    }

    /** Whether units are on their way through here. */
    private boolean isInWork() {
        return !embedding.isEmpty() || writer.size() > 0;
    }

    private Behavior<Command> onStoreAgain() {
        writer.onStoreAgain();
        readNext();
        return this;
    }

    /** After an error: what is held here is given back, so that it is found and embedded again. */
    private Behavior<Command> onPreRestart() {
        embedder.release(embedding);
        embedder.release(keys(writer.unwritten()));
        return this;
    }

    private static List<UnitKey> keys(List<UnitVector> vectors) {
        return vectors.stream().map(UnitVector::key).toList();
    }
}
