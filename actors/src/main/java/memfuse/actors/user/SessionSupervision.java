package memfuse.actors.user;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import memfuse.actors.session.SessionActor;
import memfuse.actors.session.SessionServices;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Command;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The life of a user's session actors: they are started when they are needed, stopped when they are idle, and started
 * again, after a growing pause, when they have failed. Owned by the user's actor.
 */
final class SessionSupervision {
    private static final Duration MIN_RESTART_PAUSE = Duration.ofMillis(100);
    private static final Duration MAX_RESTART_PAUSE = Duration.ofSeconds(5);

    /** The pause after a failure is over. */
    record RestartDue(SessionSlot slot) implements UserProtocol.Internal {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final String userId;
    private final SessionServices services;
    private final FailureLog failures;
    private final UserCounters counters;
    private final Map<ActorRef<Void>, SessionSlot> running = new HashMap<>();

    SessionSupervision(
            ActorContext<Command> context, TimerScheduler<Command> timers, String userId, UserServices services) {
        this.context = context;
        this.timers = timers;
        this.userId = userId;
        this.services = services.sessions();
        this.failures = services.failures();
        this.counters = services.counters();
    }

    /** The session's actor, which is started where it is asleep. */
    ActorRef<SessionProtocol.Command> wake(SessionSlot slot) {
        return slot.actor == null ? start(slot) : slot.actor;
    }

    private ActorRef<SessionProtocol.Command> start(SessionSlot slot) {
        ActorRef<SessionProtocol.Command> actor = context.spawnAnonymous(
                SessionActor.create(userId, slot.id(), context.getSelf().narrow(), services));
        context.watch(actor);
        running.put(actor.unsafeUpcast(), slot);
        counters.sessionStarted();
        slot.actor = actor;
        slot.stopping = false;
        slot.pausing = false;
        return actor;
    }

    /** Stops the session's actor, which says so when it has ended; one that pauses is not started again. */
    void stop(SessionSlot slot) {
        slot.pausing = false;
        timers.cancel(slot);
        if (slot.actor != null) {
            slot.actor.tell(new SessionActor.Stop());
        }
    }

    /** Stops the session's actor if it is clean and nothing was asked of it since then. */
    void stopIfIdleSince(SessionSlot slot, Instant then) {
        if (slot.actor != null && slot.isIdleSince(then)) {
            slot.stopping = true;
            slot.actor.tell(new SessionActor.StopIfClean());
        }
    }

    /** A session's actor is no more, for whatever reason. */
    SessionSlot ended(Terminated ended) {
        SessionSlot slot = running.remove(ended.getRef());
        if (slot == null) {
            throw new IllegalStateException("not an actor of a session: " + ended.getRef());
        }
        counters.sessionsEnded(1);
        countUnflushed(slot, 0);
        if (ended instanceof ChildFailed failed) {
            failures.sessionFailed(slot.id(), failed.getCause());
        }
        return slot;
    }

    /** A session says how much of it is not in M0. */
    void countUnflushed(SessionSlot slot, long messages) {
        counters.unflushedChanged(messages - slot.unflushed);
        slot.unflushed = messages;
    }

    /** The user's actor ends, and its sessions' actors with it. */
    void close() {
        counters.sessionsEnded(running.size());
        running.values().forEach(slot -> countUnflushed(slot, 0));
    }

    /** A session that has failed may be dirty, so it is started again whether anybody asks or not. */
    void restartLater(SessionSlot slot) {
        slot.pausing = true;
        timers.startSingleTimer(slot, new RestartDue(slot), restartPause(slot.failures++));
    }

    private static Duration restartPause(int failures) {
        Duration pause = MIN_RESTART_PAUSE.multipliedBy(1L << Math.min(failures, 10));
        return pause.compareTo(MAX_RESTART_PAUSE) > 0 ? MAX_RESTART_PAUSE : pause;
    }

    /** Starts the session again where nothing has come between. */
    void restart(SessionSlot slot) {
        if (slot.pausing) {
            start(slot);
        }
    }
}
