package memfuse.protocol.store;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;

/**
 * The persistent layers. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>Every method throws {@link StoreException} when the database does not do it. A call may have taken effect all the
 * same, and repeating it is always safe.
 */
public interface LayerStore {
    /** Writes the flushes of several sessions in one transaction, each as {@link SessionFlush} says. */
    void flush(List<SessionFlush> flushes);

    /**
     * A page of the session's M0 messages whose number is at most {@code upToSeq} and not in {@code without}, in the
     * order of the request.
     */
    List<Message> history(String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request);

    /** Those of the given messages that are in M0 with a number of at most {@code upToSeq}, in no order. */
    List<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds);

    /** Hands every M1 unit of the user to {@code sink}, by session and number, streamed with a bounded buffer. */
    void streamUnits(String userId, Consumer<MemoryUnit> sink);

    /** Units that wait for an embedding of the current model, at most {@code limit}, without those in {@code except}. */
    List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except);

    /** Completes pending units. */
    void storeVectors(List<UnitVector> vectors);

    /** The user's sessions that have journaled events which are not in M0. */
    List<String> dirtySessions(String userId);

    /** Users, at most {@code limit}, that have dirty sessions. */
    List<String> dirtyUsers(int limit);

    /** Removes a session, its messages, units and journal, and leaves no row behind; safe to repeat. */
    void eraseSession(String userId, String sessionId);

    /** Removes a user with all sessions; safe to repeat. */
    void eraseUser(String userId);
}
