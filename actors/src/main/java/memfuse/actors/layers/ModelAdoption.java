package memfuse.actors.layers;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import memfuse.protocol.Cause;
import memfuse.protocol.store.ModelStore;
import memfuse.protocol.store.ModelStore.Adoption;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Has the store mark the units that are of another model than the node's, a few sessions at a time, so that the {@link
 * EmbeddingBacklog} embeds them anew; then tells now and then how many units wait. A crash loses nothing: the store knows
 * how far it is.
 */
public final class ModelAdoption extends AbstractBehavior<ModelAdoption.Command> {
    /** How often the units that wait are counted. */
    static final Duration COUNT_INTERVAL = Duration.ofSeconds(10);

    /** Counts after which the log tells of them again. */
    private static final int COUNTS_PER_LINE = 6;

    /** What the adoption receives. */
    public sealed interface Command {}

    private record LookOn() implements Command {}

    private record Looked(@Nullable Adoption step, @Nullable Throwable failure) implements Command {}

    private record Count() implements Command {}

    private record Counted(@Nullable Long pending, @Nullable Throwable failure) implements Command {}

    private final TimerScheduler<Command> timers;
    private final ModelStore store;
    private final Executor storeExecutor;
    private final String model;
    private final Runnable onMarked;
    private final LongConsumer onCounted;
    private final RetryPause pause = new RetryPause();
    private long marked;

    /** Whether units that were marked are being embedded anew. */
    private boolean reembedding;

    private int counts;

    /**
     * An adoption that begins at once.
     *
     * @param model the node's, for the log
     * @param embeds whether there is a model; without one nothing is marked or counted
     * @param onMarked is called when there are units to be embedded
     * @param onCounted hears how many units wait
     */
    public static Behavior<Command> create(
            ModelStore store,
            Executor storeExecutor,
            String model,
            boolean embeds,
            Runnable onMarked,
            LongConsumer onCounted) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers ->
                new ModelAdoption(context, timers, store, storeExecutor, model, embeds, onMarked, onCounted)));
    }

    private ModelAdoption(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            ModelStore store,
            Executor storeExecutor,
            String model,
            boolean embeds,
            Runnable onMarked,
            LongConsumer onCounted) {
        super(context);
        this.timers = timers;
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.model = model;
        this.onMarked = onMarked;
        this.onCounted = onCounted;
        onLookOn();
        if (embeds) {
            onCount();
            timers.startTimerWithFixedDelay(new Count(), COUNT_INTERVAL);
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(LookOn.class, due -> onLookOn())
                .onMessage(Looked.class, this::onLooked)
                .onMessage(Count.class, due -> onCount())
                .onMessage(Counted.class, this::onCounted)
                .build();
    }

    private Behavior<Command> onLookOn() {
        getContext().pipeToSelf(CompletableFuture.supplyAsync(store::adoptNext, storeExecutor), Looked::new);
        return this;
    }

    private Behavior<Command> onLooked(Looked looked) {
        Adoption step = looked.step();
        if (step == null) {
            getContext()
                    .getLog()
                    .warn(
                            "cannot look for vectors of other models, it will be tried again: {}",
                            Cause.of(looked.failure()));
            timers.startSingleTimer(new LookOn(), pause.next());
            return this;
        }
        pause.reset();
        marked += step.marked();
        if (step.marked() > 0) {
            reembedding = true;
            onMarked.run();
        }
        if (!step.done()) {
            return onLookOn();
        }
        if (marked > 0) {
            getContext().getLog().info("{} units are not of {} and are embedded anew", marked, model);
        }
        return this;
    }

    private Behavior<Command> onCount() {
        getContext().pipeToSelf(CompletableFuture.supplyAsync(store::pendingUnits, storeExecutor), Counted::new);
        return this;
    }

    private Behavior<Command> onCounted(Counted counted) {
        Long pending = counted.pending();
        if (pending == null) {
            return this; // the database is away, and others say so
        }
        onCounted.accept(pending);
        if (reembedding && pending == 0) {
            reembedding = false;
            getContext().getLog().info("all units are embedded with {}", model);
        } else if (reembedding && counts++ % COUNTS_PER_LINE == 0) {
            getContext().getLog().info("{} units are still to be embedded with {}", pending, model);
        }
        return this;
    }
}
