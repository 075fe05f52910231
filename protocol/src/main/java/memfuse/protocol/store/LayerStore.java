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
     * order of the request.
     */
    List<Message> history(String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request);

    /** A page of the session's M0 messages by their numbers, of at most {@code upToSeq} and not in {@code without}. */
    List<Message> inOrder(String sessionId, long upToSeq, Collection<Long> without, PageBySeq page);

    /** Those of the given messages that are in M0 with a number of at most {@code upToSeq}, in no order. */
    List<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds);

    /**
     * Hands every M1 unit of the user to {@code sink}, by session, number and piece, streamed with a bounded buffer. A
     * vector of another than the current model is handed as null. What the sink throws ends the stream.
     */
    void streamUnits(String userId, Consumer<MemoryUnit> sink);

    /**
     * Units, of messages and of knowledge, that wait for an embedding of the current model, those that wait longest
     * first, at most {@code limit} and without those in {@code except}; none where there is no model.
     */
    List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except);

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

    /** Users, at most {@code limit}, that have dirty sessions; those with the events that wait longest first. */
    List<String> dirtyUsers(int limit);

    /**
     * Removes a session, its messages, units and journal, and leaves no row behind, of a flush under way neither; safe
     * to repeat. A session of another user is left as it is.
     */
    void eraseSession(String userId, String sessionId);

    /** Removes a user with all sessions, each as {@link #eraseSession} does, and all knowledge; safe to repeat. */
    void eraseUser(String userId);
}
