package memfuse.protocol.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.store.SessionFlush;

/**
 * Builds a flush of a session from message numbers. Unless it is told otherwise it covers the journal up to the highest
 * number it was given, as if each message were one event; every message has one unit without a vector.
 */
public final class FlushBuilder {
    /** When message 0 would have been said; message n is said n seconds later. */
    public static final Instant EPOCH = Instant.parse("2026-01-02T03:04:05.123456Z");

    private final String userId;
    private final String sessionId;
    private final List<Message> appended = new ArrayList<>();
    private final List<Message> updated = new ArrayList<>();
    private final List<Long> deleted = new ArrayList<>();
    private final List<MemoryUnit> units = new ArrayList<>();
    private final List<KeyedAnswer> answers = new ArrayList<>();
    private long afterSeq;
    private long lastSeq;
    private long upToJournalSeq;

    public FlushBuilder(String userId, String sessionId) {
        this.userId = userId;
        this.sessionId = sessionId;
    }

    /** Message number {@code seq} as the builder makes it: id {@code m<seq>}, content {@code content <seq>}. */
    public static Message message(long seq) {
        return message(seq, "content " + seq);
    }

    public static Message message(long seq, String content) {
        Instant said = EPOCH.plusSeconds(seq);
        return new Message("m" + seq, seq, Role.USER, null, content, said, said, null, 3);
    }

    /** The only unit of a message, without a vector. */
    public static MemoryUnit unit(String sessionId, Message message) {
        return new MemoryUnit(
                new UnitKey(sessionId, message.seq(), 0), message, message.content(), message.tokens(), null);
    }

    /** The number of the last message that is known to be in the layers. */
    public FlushBuilder after(long seq) {
        afterSeq = seq;
        return this;
    }

    /** Appends the messages with these numbers. */
    public FlushBuilder append(long... seqs) {
        for (long seq : seqs) {
            append(message(seq));
        }
        return this;
    }

    /** Appends a message. */
    public FlushBuilder append(Message message) {
        return append(message, List.of(unit(sessionId, message)));
    }

    /** Appends a message with units of its own. */
    public FlushBuilder append(Message message, List<MemoryUnit> itsUnits) {
        appended.add(message);
        units.addAll(itsUnits);
        return covering(message.seq());
    }

    /** Changes a stored message. */
    public FlushBuilder update(Message message) {
        updated.add(message);
        units.removeIf(unit -> unit.key().seq() == message.seq());
        units.add(unit(sessionId, message));
        return this;
    }

    /** Removes stored messages. */
    public FlushBuilder delete(long... seqs) {
        for (long seq : seqs) {
            deleted.add(seq);
        }
        return this;
    }

    /** An append had a key. */
    public FlushBuilder answer(KeyedAnswer answer) {
        answers.add(answer);
        return this;
    }

    /** Covers the journal up to this event. */
    public FlushBuilder upTo(long journalSeq) {
        upToJournalSeq = journalSeq;
        return this;
    }

    private FlushBuilder covering(long seq) {
        lastSeq = Math.max(lastSeq, seq);
        upToJournalSeq = Math.max(upToJournalSeq, seq);
        return this;
    }

    public SessionFlush build() {
        long last = Math.max(lastSeq, afterSeq);
        return new SessionFlush(
                userId,
                sessionId,
                SessionProtocol.persistenceId(sessionId),
                upToJournalSeq,
                new Flushed(last, last),
                afterSeq,
                appended,
                updated,
                deleted,
                units,
                answers);
    }
}
