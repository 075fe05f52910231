package memfuse.cluster.sharding;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import memfuse.protocol.store.LayerStore;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** Has the store forget the answers to appends under a key that are older than they are promised to be kept. */
public final class AnswerSweeper {
    /** Between two sweeps. */
    static final Duration INTERVAL = Duration.ofMinutes(10);

    /** What the sweeper receives. */
    public sealed interface Command {}

    private record SweepDue() implements Command {}

    private record Swept(@Nullable Throwable failure) implements Command {}

    private AnswerSweeper() {}

    /**
     * A sweeper that begins at once.
     *
     * @param storeExecutor for blocking work
     */
    public static Behavior<Command> create(
            LayerStore store, Executor storeExecutor, InstantSource clock, Duration retention) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            context.getSelf().tell(new SweepDue());
            return Behaviors.receive(Command.class)
                    .onMessage(SweepDue.class, due -> {
                        context.pipeToSelf(
                                CompletableFuture.runAsync(
                                        () -> store.forgetAnswers(
                                                clock.instant().minus(retention)),
                                        storeExecutor),
                                (done, failure) -> new Swept(failure));
                        return Behaviors.same();
                    })
                    .onMessage(Swept.class, swept -> {
                        if (swept.failure() != null) {
                            context.getLog()
                                    .warn(
                                            "cannot forget old answers, it will be tried again: {}",
                                            swept.failure().getMessage());
                        }
                        timers.startSingleTimer(new SweepDue(), INTERVAL);
                        return Behaviors.same();
                    })
                    .build();
        }));
    }
}
