package memfuse.actors.user;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import memfuse.actors.session.SessionReport;
import memfuse.protocol.directory.Session;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.Watermarks;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What a user's actor knows of one of its sessions. */
final class SessionSlot {
    /** The session as the directory has it. */
    Session session;

    /** Its actor while it is awake. */
    @Nullable
    ActorRef<SessionProtocol.Command> actor;

    /** Requests under way. */
    int inFlight;

    /** When the last request came. */
    Instant lastRequest;

    /** How far the session has come as it last said, or null where it said nothing yet: then everything is flushed. */
    @Nullable
    Watermarks watermarks;

    /** Whether everything journaled is known to be in the layers, but for what is under way. */
    boolean clean = true;

    /** How often in a row the actor ended by a failure. */
    int failures;

    /** Whether the actor was asked to stop, so that it is given nothing more. */
    boolean stopping;

    /** Whether the actor is down after a failure and will be started again after a pause. */
    boolean pausing;

    /** The erasure that is going on, or null. */
    @Nullable
    EraseSession erasure;

    /** Requests that came while the actor was stopping; for the next one. */
    final Deque<ToSession> waiting = new ArrayDeque<>();

    SessionSlot(Session session, Instant now) {
        this.session = session;
        this.lastRequest = now;
    }

    /** Takes in what the session says of itself. */
    void update(SessionReport.State state) {
        watermarks = state.watermarks();
        clean = state.clean();
        failures = 0;
    }

    /** Whether there may be something of the session that is not in the layers. */
    boolean mayBeDirty() {
        return actor != null || !clean;
    }
}
