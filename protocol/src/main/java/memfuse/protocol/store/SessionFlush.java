package memfuse.protocol.store;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;

/**
 * What one session has for the layers: the effect of its journaled events up to {@code upToJournalSeq}.
 *
 * <p>The store applies it in the order deleted, appended, updated (an id may be used again after its message was
 * removed) and, in the same transaction, replaces those events in the journal by {@code marker}. So the journal holds
 * what is not in M0, at every moment. The flush is written only while the event at {@code upToJournalSeq} is in the
 * journal and is no marker yet: a repetition, and a flush that comes after a later one or after the session's erasure,
 * change nothing.
 *
 * <p>A session that was started anew may not know that a flush of its former self reached the store. So a flush says
 * all there is above {@code afterSeq}: rows the store has there are replaced by {@code appended}, and nothing that was
 * changed or removed since comes back.
 *
 * @param persistenceId the session's id in the journal
 * @param upToJournalSeq the journal sequence number of the last event that is covered
 * @param marker what the replay finds instead of the covered events
 * @param afterSeq the number of the last message that the session knows to be in the layers, 0 where none is: the
 *     {@code lastSeq} of its last marker
 * @param appended new messages, in order, with numbers above {@code afterSeq}
 * @param updated messages of M0 with new content, in order; a row that is gone stays gone
 * @param deleted sequence numbers of messages to remove from M0 and M1
 * @param units the M1 units of {@code appended} and {@code updated}, in place of those that are there; without a
 *     vector: pending
 * @param answers to the covered appends that had a key; kept beside the layers for their repetitions
 */
public record SessionFlush(
        String userId,
        String sessionId,
        String persistenceId,
        long upToJournalSeq,
        Flushed marker,
        long afterSeq,
        List<Message> appended,
        List<Message> updated,
        List<Long> deleted,
        List<MemoryUnit> units,
        List<KeyedAnswer> answers) {
    public SessionFlush {
        appended = List.copyOf(appended);
        updated = List.copyOf(updated);
        deleted = List.copyOf(deleted);
        units = List.copyOf(units);
        answers = List.copyOf(answers);
        for (Message message : appended) {
            if (message.seq() <= afterSeq) {
                throw new IllegalArgumentException(
                        "appended before the flush begins: seq=" + message.seq() + ", afterSeq=" + afterSeq);
            }
        }
    }

    /** Messages written, changed or removed. */
    public int size() {
        return appended.size() + updated.size() + deleted.size();
    }
}
