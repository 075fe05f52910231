package memfuse.cluster.http.backend;

import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import org.apache.pekko.actor.typed.ActorRef;

/** The way to the actors of the users, wherever in the cluster they are. */
public interface UserGateway {
    /**
     * Sends a request to a user's actor.
     *
     * @param request makes the request for the actor that is to be answered
     * @return the answer; fails with {@link java.util.concurrent.TimeoutException} where none comes in time
     */
    CompletionStage<Reply> ask(String userId, Function<ActorRef<Reply>, Request> request);

    /** Flushes all that is journaled now, of users on all nodes; ends when that is in the layers, or in time. */
    CompletionStage<FlushedBuffers> flushAll();
}
