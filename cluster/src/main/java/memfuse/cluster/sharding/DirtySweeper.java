package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import memfuse.protocol.Cause;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.jspecify.annotations.Nullable;

/**
 * Wakes users that have journaled messages which are not in the layers, so that nothing that a dead node left stays
 * unflushed until somebody asks for it. One in the cluster; a user who is awake already is not disturbed.
 */
public final class DirtySweeper {
    /** Between two sweeps. */
    private static final Duration INTERVAL = Duration.ofSeconds(15);

    /** Users of one sweep, the ones that wait longest. */
    private static final int MAX_USERS = 500;

    /** What the sweeper receives. */
    public sealed interface Command {}

    private record SweepDue() implements Command {}

    private record Found(List<String> userIds, @Nullable Throwable failure) implements Command {}

    private DirtySweeper() {}

    /**
     * A sweeper that begins at once.
     *
     * @param storeExecutor for blocking work
     */
    public static Behavior<Command> create(LayerStore store, Executor storeExecutor) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            context.getSelf().tell(new SweepDue());
            return Behaviors.receive(Command.class)
                    .onMessage(SweepDue.class, due -> {
                        context.pipeToSelf(
                                CompletableFuture.supplyAsync(
                                        () -> store.dirtyUsers(MAX_USERS, Long.MAX_VALUE), storeExecutor),
                                (userIds, failure) -> new Found(failure == null ? userIds : List.of(), failure));
                        return Behaviors.same();
                    })
                    .onMessage(Found.class, found -> {
                        wake(context, found);
                        timers.startSingleTimer(new SweepDue(), INTERVAL);
                        return Behaviors.same();
                    })
                    .build();
        }));
    }

    private static void wake(ActorContext<Command> context, Found found) {
        if (found.failure() != null) {
            context.getLog()
                    .warn("cannot look for unflushed messages, it will be tried again: {}", Cause.of(found.failure()));
        }
        ActorRef<Reply> nobody = context.getSystem().ignoreRef();
        ClusterSharding sharding = ClusterSharding.get(context.getSystem());
        found.userIds()
                .forEach(userId ->
                        sharding.entityRefFor(ShardedUsers.USERS, userId).tell(new Wake(nobody)));
    }
}
