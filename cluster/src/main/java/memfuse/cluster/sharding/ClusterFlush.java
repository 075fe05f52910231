package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.sharding.NodeFlusher.FlushNode;
import memfuse.cluster.sharding.NodeFlusher.NodeFlushed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;

/**
 * Has every node of the cluster flush its users. Thread-safe.
 *
 * <p>Asked are the members that can have users: a node that leaves has flushed before it does. One that cannot be reached
 * is not waited for.
 */
final class ClusterFlush {
    private static final FlushedBuffers NOTHING = new FlushedBuffers(0, List.of(), 0);

    private final ActorSystem<?> system;
    private final Cluster cluster;

    /** Asks from a node that is a member. */
    ClusterFlush(ActorSystem<?> system) {
        this.system = system;
        this.cluster = Cluster.get(system);
    }

    /**
     * Flushes.
     *
     * @param limit the longest wait; a tenth of it is for the way to the nodes and back
     */
    CompletableFuture<FlushedBuffers> flush(Duration limit) {
        CurrentClusterState state = cluster.state();
        List<CompletableFuture<FlushedBuffers>> nodes = StreamSupport.stream(
                        state.getMembers().spliterator(), false)
                .filter(member -> member.status().equals(MemberStatus.up()))
                .map(member -> state.getUnreachable().contains(member)
                        ? CompletableFuture.completedFuture(nothingOf(member))
                        : ask(member, limit))
                .toList();
        return CompletableFuture.allOf(nodes.toArray(CompletableFuture[]::new))
                .thenApply(done -> nodes.stream().map(CompletableFuture::join).reduce(NOTHING, FlushedBuffers::and));
    }

    private CompletableFuture<FlushedBuffers> ask(Member member, Duration limit) {
        ActorRef<FlushNode> flusher =
                ActorRefResolver.get(system).resolveActorRef(member.address() + "/system/" + NodeFlusher.NAME);
        Duration ofUsers = limit.multipliedBy(9).dividedBy(10);
        return AskPattern.<FlushNode, NodeFlushed>ask(
                        flusher, replyTo -> new FlushNode(ofUsers, replyTo), limit, system.scheduler())
                .toCompletableFuture()
                .handle((flushed, failure) -> flushed == null ? nothingOf(member) : of(member, flushed));
    }

    private static FlushedBuffers nothingOf(Member member) {
        return new FlushedBuffers(0, List.of(member.address().hostPort()), 0);
    }

    private static FlushedBuffers of(Member member, NodeFlushed flushed) {
        return new FlushedBuffers(
                flushed.sessions(),
                flushed.usersLeft() == 0 ? List.of() : List.of(member.address().hostPort()),
                0);
    }
}
