package memfuse.actors.user;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import memfuse.actors.session.IndexChange;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.EventsRead;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import memfuse.protocol.user.UserProtocol.Refused;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The events of those sessions of a user that somebody listens to, and who waits for the next one. A session that nobody
 * listens to costs nothing. Owned by the user's actor.
 */
final class SessionEvents {
    /** The time of one who waits is over. */
    record WaitOver(long number) implements UserProtocol.Internal {}

    private record Waiting(long number, ReadEvents request, String afterId) {}

    private final TimerScheduler<Command> timers;
    private final InstantSource clock;
    private final SessionSupervision supervision;
    private final int maxWaiting;
    private final Map<String, EventLog> logs = new HashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private long lastWaiting;

    /** @param maxWaiting requests that wait at a time; one more is refused */
    SessionEvents(TimerScheduler<Command> timers, InstantSource clock, SessionSupervision supervision, int maxWaiting) {
        this.timers = timers;
        this.supervision = supervision;
        this.clock = clock;
        this.maxWaiting = maxWaiting;
    }

    /** Answers with what there is after the event that the request names, or holds the request until there is something. */
    void read(SessionSlot slot, ReadEvents request) {
        Instant now = clock.instant();
        if (slot.watermarks == null) {
            supervision.wake(slot); // it says then how far it has come
        }
        EventLog log = logs.computeIfAbsent(slot.id(), id -> newLog(slot, now));
        String afterId = request.afterId();
        if (afterId == null) {
            request.replyTo().tell(new EventsRead(List.of(), log.lastId()));
            return;
        }
        List<SessionEvent> events = log.after(afterId, now);
        if (!events.isEmpty()) {
            request.replyTo().tell(read(events));
        } else if (waiting.size() >= maxWaiting) {
            request.replyTo().tell(Refusals.overloaded("userMaxEventReaders=" + maxWaiting));
        } else {
            Waiting one = new Waiting(++lastWaiting, request, afterId);
            waiting.add(one);
            timers.startSingleTimer(one, new WaitOver(one.number()), request.maxWait());
        }
    }

    private static EventsRead read(List<SessionEvent> events) {
        return new EventsRead(events, events.get(events.size() - 1).id());
    }

    private static EventLog newLog(SessionSlot slot, Instant now) {
        String epoch = UUID.randomUUID().toString().substring(0, 8);
        return new EventLog(slot.id(), epoch, slot.watermarks, now);
    }

    /** Something may have happened in a session. */
    void add(String sessionId, List<IndexChange> changes, @Nullable Watermarks watermarks) {
        EventLog log = logs.get(sessionId);
        if (log == null || !log.add(changes, watermarks)) {
            return;
        }
        Instant now = clock.instant();
        waiting.removeIf(one -> {
            List<SessionEvent> news =
                    one.request().sessionId().equals(sessionId) ? log.after(one.afterId(), now) : List.of();
            if (!news.isEmpty()) {
                timers.cancel(one);
                one.request().replyTo().tell(read(news));
            }
            return !news.isEmpty();
        });
    }

    void onWaitOver(WaitOver over) {
        waiting.removeIf(one -> {
            boolean isOver = one.number() == over.number();
            if (isOver) {
                one.request().replyTo().tell(new EventsRead(List.of(), one.afterId()));
            }
            return isOver;
        });
    }

    /** Refuses all who wait for events of this session, and forgets them. */
    void close(String sessionId, Refused refusal) {
        logs.remove(sessionId);
        waiting.removeIf(one -> {
            boolean isOfSession = one.request().sessionId().equals(sessionId);
            if (isOfSession) {
                timers.cancel(one);
                one.request().replyTo().tell(refusal);
            }
            return isOfSession;
        });
    }

    /** Forgets the events of sessions that nobody has asked for since then. */
    void forgetUnreadSince(Instant then) {
        logs.entrySet()
                .removeIf(log -> log.getValue().isUnreadSince(then)
                        && waiting.stream()
                                .noneMatch(one -> one.request().sessionId().equals(log.getKey())));
    }

    boolean isIdle() {
        return waiting.isEmpty();
    }
}
