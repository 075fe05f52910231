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

    /** What the session last said of itself, or null while nothing is known since it woke. */
    SessionReport.@Nullable State state;

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

    /** Whether it is known that everything journaled is in the layers. */
    boolean isClean() {
        return state != null && state.clean();
    }

    /** The session's watermarks, or null where it is not awake: then everything is flushed. */
    @Nullable
    Watermarks watermarks() {
        return state == null ? null : state.watermarks();
    }
}
