package memfuse.cluster.sharding;

import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.AllDeadLetters;
import org.apache.pekko.actor.Dropped;
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
    private static final Refused TOO_LARGE =
            new Refused(ErrorCode.INVALID, "this is larger than what nodes can tell each other", null);

    /** How the remoting begins its reason for dropping what it has no room for. */
    private static final String OVERSIZED = "Discarding oversized payload";

    private LostRequests() {}

    /** One on each node: it sees what was dropped there. */
    static Behavior<AllDeadLetters> create() {
        return Behaviors.setup(context -> {
            context.getSystem()
                    .eventStream()
                    .tell(new EventStream.Subscribe<>(AllDeadLetters.class, context.getSelf()));
            return Behaviors.receive(AllDeadLetters.class)
                    .onAnyMessage(lost -> {
                        refuse(lost);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    /**
     * What the sharding drops goes to the dead letters, and comes from there in a second wrapping. An answer that there was
     * no room for on the way to another node is refused there.
     */
    private static void refuse(AllDeadLetters lost) {
        Object message = lost.message();
        boolean tooLarge = lost instanceof Dropped dropped && dropped.reason().startsWith(OVERSIZED);
        if (message instanceof AllDeadLetters wrapped) {
            refuse(wrapped);
        } else if (message instanceof ShardingEnvelope<?> envelope && envelope.message() instanceof Request request) {
            request.replyTo().tell(tooLarge ? TOO_LARGE : MOVES);
        } else if (message instanceof Request request) {
            request.replyTo().tell(tooLarge ? TOO_LARGE : MOVES);
        } else if (message instanceof Reply && tooLarge) {
            lost.recipient().tell(TOO_LARGE, ActorRef.noSender());
        }
    }
}
