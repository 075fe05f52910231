package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.ClusterEvent.MemberRemoved;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Subscribe;

/**
 * What this node has asked users and has no answer to.
 *
 * <p>When a node is given up by the cluster, what was asked before is answered by nobody, or by a user who starts now and
 * has not heard of it. It is ended then, rather than at the end of the longest wait, so that clients ask again at once.
 * Whoever waited on a living node for so long asks again too. Thread-safe.
 */
final class OpenAsks {
    /** Until the sharding here knows that the node is gone; what is asked before that is sent to the dead node too. */
    private static final Duration UNTIL_KNOWN = Duration.ofMillis(500);

    /** What the watch receives. */
    sealed interface Command {}

    private record Removed(MemberStatus previously) implements Command {}

    private record EndDue() implements Command {}

    private final Map<Long, CompletableFuture<?>> open = new ConcurrentHashMap<>();
    private final AtomicLong asked = new AtomicLong();

    /** Ends as the stage does, or before it. */
    <T> CompletableFuture<T> track(CompletionStage<T> stage) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        long number = asked.incrementAndGet();
        open.put(number, answer);
        stage.whenComplete((value, failure) -> {
            open.remove(number);
            if (failure == null) {
                answer.complete(value);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** Ends all that is open now. */
    void end() {
        TimeoutException lost = new TimeoutException("the user's node is gone");
        open.values().forEach(answer -> answer.completeExceptionally(lost));
    }

    /** Sees which nodes are given up. */
    Behavior<Command> watch() {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            ActorRef<MemberRemoved> removals =
                    context.messageAdapter(MemberRemoved.class, removed -> new Removed(removed.previousStatus()));
            Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(removals, MemberRemoved.class));
            return Behaviors.receive(Command.class)
                    .onMessage(Removed.class, removed -> {
                        if (removed.previously().equals(MemberStatus.down())) {
                            timers.startSingleTimer(new EndDue(), UNTIL_KNOWN);
                        }
                        return Behaviors.same();
                    })
                    .onMessage(EndDue.class, due -> {
                        end();
                        return Behaviors.same();
                    })
                    .build();
        }));
    }
}
