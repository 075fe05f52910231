package memfuse.actors.user;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** The newest events of one session, since somebody first asked for them; numbered, bounded. Not thread-safe. */
final class EventLog {
    /** Events that can be asked for again; who has missed more begins anew. */
    static final int MAX_EVENTS = 256;

    /** Messages of the events that are told in one answer; of more, if they are of one event. */
    static final int MAX_IDS_AT_A_TIME = 2_000;

    private final String sessionId;
    private final String epoch;
    private final Deque<SessionEvent> events = new ArrayDeque<>();

    /** How far the session has come; null until it has said so. */
    private @Nullable Watermarks watermarks;

    private long lastNumber;

    /** When events were last asked for. */
    private Instant lastRead;

    /**
     * A log that begins now.
     *
     * @param epoch makes its events different from those of a log before it
     * @param watermarks how far the session has come, or null where it is yet to say so
     */
    EventLog(String sessionId, String epoch, @Nullable Watermarks watermarks, Instant now) {
        this.sessionId = sessionId;
        this.epoch = epoch;
        this.watermarks = watermarks;
        this.lastRead = now;
    }

    /** The place of the newest event. */
    String lastId() {
        return idOf(lastNumber);
    }

    /**
     * The events after a place, oldest first; a reset alone, where they are not all known; none until anything is known.
     */
    List<SessionEvent> after(String id, Instant now) {
        lastRead = now;
        Watermarks known = watermarks;
        if (known == null) {
            return List.of();
        }
        long number = numberOf(id);
        if (number < lastNumber - events.size() || number > lastNumber) {
            return List.of(new SessionEvent(lastId(), SessionEvent.Type.RESET, List.of(), List.of(), known));
        }
        return page(events.stream().skip(events.size() - (lastNumber - number)).toList());
    }

    /** The first of them: as many as an answer has room for. */
    private static List<SessionEvent> page(List<SessionEvent> following) {
        int ids = 0;
        int end = 0;
        while (end < following.size() && (end == 0 || ids + sizeOf(following.get(end)) <= MAX_IDS_AT_A_TIME)) {
            ids += sizeOf(following.get(end));
            end++;
        }
        return following.subList(0, end);
    }

    private static int sizeOf(SessionEvent event) {
        return Math.max(event.seqs().size(), event.messageIds().size());
    }

    boolean isUnreadSince(Instant then) {
        return !lastRead.isAfter(then);
    }

    /**
     * Takes in what the session reports.
     *
     * @param now how far it has come, or null where the report does not say
     * @return whether there is more to tell than before
     */
    boolean add(List<IndexChange> changes, @Nullable Watermarks now) {
        long before = lastNumber;
        Watermarks old = watermarks;
        if (now != null) {
            watermarks = now;
        }
        Watermarks current = watermarks;
        if (old == null || current == null) {
            return old == null && current != null; // what was before the first report is not news
        }
        for (IndexChange change : changes) {
            if (change instanceof UnitsAdded added) {
                // What was journaled before is told again when the session was restarted.
                List<Message> messages = added.units().stream()
                        .map(unit -> unit.message())
                        .filter(message -> message.seq() > old.journaled())
                        .distinct()
                        .toList();
                add(
                        SessionEvent.Type.APPENDED,
                        messages.stream().map(Message::seq),
                        messages.stream().map(Message::id),
                        current);
            } else if (change instanceof MessagesRemoved removed
                    && !removed.messageIds().isEmpty()) {
                add(SessionEvent.Type.DELETED, removed.seqs().stream(), removed.messageIds().stream(), current);
            } else if (change instanceof VectorsReady ready) {
                add(SessionEvent.Type.INDEXED, seqsOf(ready.vectors()), Stream.empty(), current);
            }
        }
        if (current.transferred() > old.transferred()) {
            append(SessionEvent.Type.TRANSFERRED, List.of(), List.of(), current);
        }
        if (current.flushed() > old.flushed()) {
            append(SessionEvent.Type.FLUSHED, List.of(), List.of(), current);
        }
        return lastNumber > before;
    }

    private Stream<Long> seqsOf(List<UnitVector> vectors) {
        return vectors.stream()
                .filter(vector -> vector.key().sessionId().equals(sessionId))
                .map(vector -> vector.key().seq())
                .distinct();
    }

    private void add(SessionEvent.Type type, Stream<Long> seqs, Stream<String> messageIds, Watermarks current) {
        List<Long> numbers = seqs.toList();
        if (!numbers.isEmpty()) {
            append(type, numbers, messageIds.toList(), current);
        }
    }

    private void append(SessionEvent.Type type, List<Long> seqs, List<String> messageIds, Watermarks current) {
        lastNumber++;
        events.add(new SessionEvent(lastId(), type, seqs, messageIds, current));
        if (events.size() > MAX_EVENTS) {
            events.remove();
        }
    }

    private String idOf(long number) {
        return epoch + "-" + number;
    }

    /** The number in an id of this log; -1 for any other. */
    private long numberOf(String id) {
        String start = epoch + "-";
        return id.startsWith(start) && id.substring(start.length()).matches("[0-9]{1,18}")
                ? Long.parseLong(id.substring(start.length()))
                : -1;
    }
}
