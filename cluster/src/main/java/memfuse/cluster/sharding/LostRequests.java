package memfuse.cluster.sharding;

import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.AllDeadLetters;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.ShardingEnvelope;

/**
 * Refuses requests that reached no user: while users move to another node the sharding drops what it cannot keep in order,
 * and a user who has ended has a mailbox no more. Nothing was done for such a request, and who asked need not wait for
 * the end of the longest wait to hear that.
 */
final class LostRequests {
    private static final Refused MOVES = new Refused(ErrorCode.UNAVAILABLE, "the user moves", null);

    private LostRequests() {}

    /** One on each node: it sees what was dropped there. */
    static Behavior<AllDeadLetters> create() {
        return Behaviors.setup(context -> {
            context.getSystem()
                    .eventStream()
                    .tell(new EventStream.Subscribe<>(AllDeadLetters.class, context.getSelf()));
            return Behaviors.receive(AllDeadLetters.class)
                    .onAnyMessage(lost -> {
                        refuse(lost.message());
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    /** What the sharding drops goes to the dead letters, and comes from there in a second wrapping. */
    private static void refuse(Object message) {
        if (message instanceof AllDeadLetters wrapped) {
            refuse(wrapped.message());
        } else if (message instanceof ShardingEnvelope<?> envelope) {
            refuse(envelope.message());
        } else if (message instanceof Request request) {
            request.replyTo().tell(MOVES);
        }
    }
}
