package memfuse.actors.user;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import memfuse.actors.user.UserActivation.UserState;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts a user through whom nobody has, before a node takes any: the journal's plugin is opened, classes are loaded, code is
 * run for the first time. Whoever came first would wait for all that, for seconds where the processors are busy, and in
 * a rolling restart those who come first are all users of the node that leaves. Reads only: nothing is stored.
 */
public final class UserRehearsal {
    private static final Logger LOG = LoggerFactory.getLogger(UserRehearsal.class);

    /** The user and the session; real ones are called by UUIDs. */
    private static final String NOBODY = "rehearsal";

    private static final HistoryRequest PAGE = new HistoryRequest(1, SortBy.TIMESTAMP, false, false);

    /** By words, since a model elsewhere would be asked, and paid, for meaning. */
    private static final QueryRequest QUERY =
            new QueryRequest("what was said?", NOBODY, null, 1, StoreType.KEYWORD, true, true);

    private UserRehearsal() {}

    /**
     * Goes through a user's life once. Completes, and never fails, when that is over; what does not answer, such as a
     * database that is away, is no reason not to serve.
     *
     * @param services as real users have them
     * @param limit the longest wait for each answer
     */
    public static CompletionStage<Done> run(ActorSystem<?> system, UserServices services, Duration limit) {
        Session session = new Session(NOBODY, NOBODY, NOBODY, NOBODY, Instant.EPOCH, Instant.EPOCH);
        ActorRef<Command> user = system.systemActorOf(
                UserActor.active(NOBODY, services, new UserState(true, List.of(session), List.of())),
                NOBODY,
                Props.empty());
        return ask(system, user, limit, replyTo -> new ToSession(NOBODY, new ReadHistory(PAGE), replyTo))
                .thenCompose(read -> ask(system, user, limit, replyTo -> new Query(QUERY, replyTo)))
                .handle((found, failure) -> {
                    if (failure != null) {
                        LOG.warn("the first users of this node will wait a little: {}", failure.toString());
                    }
                    user.tell(new UserActor.Stop());
                    return Done.getInstance();
                });
    }

    private static CompletionStage<Reply> ask(
            ActorSystem<?> system, ActorRef<Command> user, Duration limit, Function<ActorRef<Reply>, Command> request) {
        return AskPattern.ask(user, request::apply, limit, system.scheduler());
    }
}
