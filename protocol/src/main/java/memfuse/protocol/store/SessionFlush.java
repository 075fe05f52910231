package memfuse.protocol.store;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.Flushed;

/**
 * What one session has for the layers: exactly the effect of its journaled events up to {@code upToJournalSeq}.
 *
 * <p>The store applies it in the order deleted, appended, updated (an id may be used again after its message was
 * removed) and, in the same transaction, replaces those events in the journal by {@code marker}. So the
 * journal holds what is not yet in M0, at every moment.
 *
 * @param persistenceId the session's id in the journal
 * @param upToJournalSeq the journal sequence number of the last event that is covered
 * @param marker what the replay finds instead of the covered events
 * @param appended new messages, in order; a row that is there already is left as it is
 * @param updated messages of M0 with new content, in order; a row that is gone stays gone
 * @param deleted sequence numbers of messages to remove from M0 and M1
 * @param units the M1 units of {@code appended} and {@code updated}; without a vector: pending
 */
public record SessionFlush(
        String userId,
        String sessionId,
        String persistenceId,
        long upToJournalSeq,
        Flushed marker,
        List<Message> appended,
        List<Message> updated,
        List<Long> deleted,
        List<MemoryUnit> units) {
    public SessionFlush {
        appended = List.copyOf(appended);
        updated = List.copyOf(updated);
        deleted = List.copyOf(deleted);
        units = List.copyOf(units);
    }

    /** Messages written, changed or removed. */
    public int size() {
        return appended.size() + updated.size() + deleted.size();
    }
}
