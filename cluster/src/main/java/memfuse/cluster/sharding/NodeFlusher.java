package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import memfuse.actors.user.ActiveUsers;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/** Flushes the users that are awake on its node when any node asks for it. One on each, at a path that all of them know. */
final class NodeFlusher {
    /** Its name among the system's actors; part of the wire format. */
    static final String NAME = "node-flusher";

    private NodeFlusher() {}

    /**
     * Asks a node to flush. Answered by {@link NodeFlushed}.
     *
     * @param limit the longest wait for the users
     */
    public record FlushNode(Duration limit, ActorRef<NodeFlushed> replyTo) implements CborSerializable {}

    /**
     * What a node's users answered.
     *
     * @param sessions whose buffers are in the layers
     * @param usersLeft users who refused for now, or did not answer in time
     */
    public record NodeFlushed(int sessions, int usersLeft) implements CborSerializable {
        private NodeFlushed and(NodeFlushed other) {
            return new NodeFlushed(sessions + other.sessions, usersLeft + other.usersLeft);
        }
    }

    static Behavior<FlushNode> create(ActiveUsers users) {
        return Behaviors.setup(context -> Behaviors.receive(FlushNode.class)
                .onMessage(FlushNode.class, flush -> {
                    var unused = flushAll(
                                    users, flush.limit(), context.getSystem().scheduler())
                            .thenAccept(flush.replyTo()::tell);
                    return Behaviors.same();
                })
                .build());
    }

    private static CompletableFuture<NodeFlushed> flushAll(ActiveUsers users, Duration limit, Scheduler scheduler) {
        List<CompletableFuture<NodeFlushed>> flushes = users.all().stream()
                .map(user -> AskPattern.<Command, Reply>ask(user, FlushUser::new, limit, scheduler)
                        .toCompletableFuture()
                        .handle((reply, failure) -> ofUser(reply)))
                .toList();
        return sum(flushes);
    }

    /** What came of several flushes, when the last one is done. */
    static CompletableFuture<NodeFlushed> sum(List<CompletableFuture<NodeFlushed>> flushes) {
        return CompletableFuture.allOf(flushes.toArray(CompletableFuture[]::new))
                .thenApply(done ->
                        flushes.stream().map(CompletableFuture::join).reduce(new NodeFlushed(0, 0), NodeFlushed::and));
    }

    /** Of a user who is refused for good, because it is being erased, nothing is left to be flushed. */
    static NodeFlushed ofUser(@Nullable Reply reply) {
        if (reply instanceof FlushCompleted completed) {
            return new NodeFlushed(completed.sessions(), 0);
        }
        boolean forGood = reply instanceof Refused refused && !refused.code().retriable();
        return new NodeFlushed(0, forGood ? 0 : 1);
    }
}
