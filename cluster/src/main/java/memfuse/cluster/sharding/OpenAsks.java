package memfuse.cluster.sharding;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
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
    private void end(MemberRemoved removed) {
        if (removed.previousStatus().equals(MemberStatus.down())) {
            TimeoutException lost = new TimeoutException("the user's node is gone");
            open.values().forEach(answer -> answer.completeExceptionally(lost));
        }
    }

    /** Sees which nodes are given up. */
    Behavior<MemberRemoved> watch() {
        return Behaviors.setup(context -> {
            Cluster.get(context.getSystem())
                    .subscriptions()
                    .tell(Subscribe.create(context.getSelf(), MemberRemoved.class));
            return Behaviors.receive(MemberRemoved.class)
                    .onAnyMessage(removed -> {
                        end(removed);
                        return Behaviors.same();
                    })
                    .build();
        });
    }
}
