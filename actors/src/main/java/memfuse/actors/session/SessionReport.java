package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.user.UserProtocol;
import org.jspecify.annotations.Nullable;

/**
 * What a session tells its user's actor: the answer to a request, and what became of its messages.
 *
 * <p>The index changes and the answer travel together, so the index knows a message before the client hears of it.
 *
 * @param ticket the request that is answered, or {@link #UNASKED}
 * @param reply the answer, or null where nothing was asked
 * @param state how far the session has come, or null where the report says nothing of it
 */
public record SessionReport(
        String sessionId,
        long ticket,
        UserProtocol.@Nullable Reply reply,
        List<IndexChange> changes,
        @Nullable State state)
        implements UserProtocol.Internal {
    /** The ticket of a report that answers nothing. */
    public static final long UNASKED = 0;

    /**
     * How far a session has come.
     *
     * @param clean whether everything journaled is in the layers
     */
    public record State(SessionProtocol.Watermarks watermarks, boolean clean) {}
}
