package memfuse.actors.user;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.SessionReport;
import memfuse.protocol.directory.Session;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What a user's actor knows of one of its sessions. */
final class SessionSlot {
    /** A request that came while the session's actor was stopping. */
    record Waiting(SessionProtocol.Request request, Consumer<Reply> onReply) {}

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

    /** Messages that are not in M0, as they were counted last. */
    long unflushed;

    /** Whether everything journaled is known to be in the layers, but for what is under way. */
    boolean clean = true;

    /** Whether messages were changed or removed since it was clean. */
    private boolean changed;

    /** How often in a row the actor ended by a failure. */
    int failures;

    /** Whether the actor was asked to stop, so that it is given nothing more. */
    boolean stopping;

    /** Whether the actor is down after a failure and will be started again after a pause. */
    boolean pausing;

    /** The erasure that is going on, or null. */
    @Nullable
    ErasureUnderWay erasure;

    /** Requests for the session's next actor. */
    final Deque<Waiting> waiting = new ArrayDeque<>();

    SessionSlot(Session session, Instant now) {
        this.session = session;
        this.lastRequest = now;
    }

    String id() {
        return session.id();
    }

    /** Takes in what the session says of itself. */
    void update(SessionReport.State state) {
        watermarks = state.watermarks();
        clean = state.clean();
        failures = 0;
    }

    /** Takes note of changes that the session told; whether all there were are in the layers now, and were not before. */
    boolean changesFlushed(List<IndexChange> changes) {
        changed |= changes.stream().anyMatch(IndexChange::takesTextsAway);
        boolean flushed = changed && clean;
        changed &= !clean;
        return flushed;
    }

    /**
     * Its actor has ended.
     *
     * @param expected whether it was told to; without that, it stops only when it is idle
     * @return whether it was idle
     */
    boolean end(boolean expected) {
        boolean idle = stopping && clean;
        actor = null;
        stopping = false;
        clean = idle || (expected && clean && inFlight == 0);
        return idle;
    }

    /** Whether there may be something of the session that is not in the layers. */
    boolean mayBeDirty() {
        return actor != null || !clean;
    }

    /** Whether the session is awake, has nothing to do, and was not asked for anything since then. */
    boolean isIdleSince(Instant then) {
        return actor != null && !stopping && inFlight == 0 && clean && !lastRequest.isAfter(then);
    }
}
