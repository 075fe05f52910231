package memfuse.protocol.facts;

import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Where M2 is kept, with how far it has come in each session. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>A flush (see {@link memfuse.protocol.store.LayerStore#flush}) says in its own transaction that its messages wait for
 * their facts, and removes the facts that changed or removed messages were evidence of. Erasure removes facts with their
 * session.
 *
 * <p>Every method throws {@link memfuse.protocol.store.StoreException} when the database does not do it. A call may have
 * taken effect all the same, and repeating it is always safe.
 */
public interface FactStore {
    /**
     * The next batches of sessions with messages that wait for their facts: those sessions first that wait longest, at
     * most {@code sessions} of them and none of {@code except}, each with at most so many messages and tokens, but one
     * message at least.
     */
    List<FactBatch> waiting(int sessions, int messages, int tokens, Set<String> except);

    /**
     * Stores the facts of a batch in place of those that its messages were evidence of before, and moves the session on.
     *
     * <p>A fact of messages that were changed or removed since the batch was read is left out, and changed ones wait
     * anew. Nothing is done where the session is gone, or has gone back behind the batch.
     */
    void store(FactBatch batch, List<ExtractedFact> facts, String extractor);

    /** The number of the session's first message that waits for its facts; empty where none does. */
    OptionalLong firstWaiting(String sessionId);

    /** Facts of the user, those said last first. */
    List<Fact> facts(String userId, FactQuery query);
}
