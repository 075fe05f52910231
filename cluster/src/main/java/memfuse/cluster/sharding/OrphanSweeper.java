package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import memfuse.protocol.Cause;
import memfuse.protocol.store.LayerStore;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * Has the store remove events from the journal whose session was erased while they were being written. One in the
 * cluster; it goes through the journal step by step, and rests between two rounds.
 */
public final class OrphanSweeper {
    /** Between two rounds. */
    static final Duration INTERVAL = Duration.ofMinutes(10);

    /** Between two steps of a round. */
    static final Duration STEP = Duration.ofSeconds(1);

    /** What the sweeper receives. */
    public sealed interface Command {}

    /** @param after where to go on */
    private record StepDue(String after) implements Command {}

    private record Looked(Optional<String> next, @Nullable Throwable failure) implements Command {}

    private OrphanSweeper() {}

    /**
     * A sweeper that begins at once.
     *
     * @param storeExecutor for blocking work
     */
    public static Behavior<Command> create(LayerStore store, Executor storeExecutor) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            context.getSelf().tell(new StepDue(""));
            return Behaviors.receive(Command.class)
                    .onMessage(StepDue.class, due -> {
                        CompletableFuture<Optional<String>> looked =
                                CompletableFuture.supplyAsync(() -> store.removeOrphans(due.after()), storeExecutor);
                        context.pipeToSelf(
                                looked,
                                (next, failure) -> new Looked(failure == null ? next : Optional.empty(), failure));
                        return Behaviors.same();
                    })
                    .onMessage(Looked.class, looked -> {
                        if (looked.failure() != null) {
                            context.getLog()
                                    .warn(
                                            "cannot look for events of erased sessions, it will be tried again: {}",
                                            Cause.of(looked.failure()));
                        }
                        timers.startSingleTimer(
                                new StepDue(looked.next().orElse("")),
                                looked.next().isPresent() ? STEP : INTERVAL);
                        return Behaviors.same();
                    })
                    .build();
        }));
    }
}
