package memfuse.protocol.store;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;

/**
 * The persistent layers. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>Every method throws {@link StoreException} when the database does not do it. A call may have taken effect all the
 * same, and repeating it is always safe.
 */
public interface LayerStore {
    /**
     * Writes the flushes of several sessions in one transaction, each as {@link SessionFlush} says: all or nothing of
     * those that still apply. A session that is erased, or whose flush was done before, is passed over silently. A
     * session is in the list once.
     */
    void flush(List<SessionFlush> flushes);

    /**
     * A page of the session's M0 messages whose number is at most {@code upToSeq} and not in {@code without}, in the
     * order of the request; of a larger one than {@code maxBytes} only how large it is.
     */
    Bounded<Message> history(
            String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request, long maxBytes);

    /** The same of any size. */
    default List<Message> history(String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request) {
        return history(sessionId, upToSeq, without, request, Long.MAX_VALUE).elements();
    }

    /** A page of the session's M0 messages by their numbers, of at most {@code upToSeq} and not in {@code without}. */
    List<Message> inOrder(String sessionId, long upToSeq, Collection<Long> without, PageBySeq page);

    /**
     * Those of the given messages that are in M0 with a number of at most {@code upToSeq}, in no order; of more than
     * {@code maxBytes} only how much they are.
     */
    Bounded<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds, long maxBytes);

    /** The same of any size. */
    default List<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds) {
        return messages(sessionId, upToSeq, messageIds, Long.MAX_VALUE).elements();
    }

    /**
     * Hands every M1 unit of the user to {@code sink}, by session, number and piece, streamed with a bounded buffer. A
     * vector of another than the current model is handed as null. What the sink throws ends the stream.
     */
    void streamUnits(String userId, Consumer<MemoryUnit> sink);

    /**
     * Units, of messages and of knowledge, that wait for an embedding of the current model, those that wait longest
     * first, at most {@code limit} and without those in {@code except}; none where there is no model.
     *
     * @param share whose units
     */
    List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except, BacklogShare share);

    /** Those of all users. */
    default List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except) {
        return pendingUnits(limit, except, BacklogShare.ALL);
    }

    /** The embeddings, of the current model, of those of the units that have one; in no order. */
    List<UnitVector> vectors(String userId, Collection<UnitKey> keys);

    /** The number of the session's first message with a unit that waits for an embedding; empty where there is none. */
    OptionalLong firstPending(String userId, String sessionId);

    /** The first answer to a flushed append of the session under this idempotency key, where it is still kept. */
    Optional<KeyedAnswer> answer(String sessionId, String key);

    /** Forgets the answers that were stored before this time. */
    void forgetAnswers(Instant before);

    /** Completes pending units; one that is gone, complete, or has another text by now is passed over. */
    void storeVectors(List<UnitVector> vectors);

    /** The user's sessions that have journaled events which are not in M0, in no order. */
    List<String> dirtySessions(String userId);

    /**
     * Users, at most {@code limit}, that have dirty sessions; those with the events that wait longest first.
     *
     * @param upTo only events up to this place of the journal count, see {@link #lastUnflushed}
     */
    List<String> dirtyUsers(int limit, long upTo);

    /** The place in the journal, over all sessions, of the last event that is not in M0; 0 where all are. */
    long lastUnflushed();

    /**
     * Removes a session, its messages, units and journal, and leaves no row behind, of a flush under way neither; safe
     * to repeat. A session of another user is left as it is.
     */
    void eraseSession(String userId, String sessionId);

    /** Removes a user with all sessions, each as {@link #eraseSession} does, and all knowledge; safe to repeat. */
    void eraseUser(String userId);

    /**
     * Looks through some of the journal for events of sessions that are no more, as a write that came late may leave them,
     * and removes these.
     *
     * @param after where the last call said to go on; empty to begin
     * @return where to go on, or nothing where all of the journal was looked through
     */
    Optional<String> removeOrphans(String after);
}
