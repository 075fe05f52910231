package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.store.UnitVector;

/** A change of what a session can be searched by, for the index of its user. Each may be applied twice. */
public sealed interface IndexChange {
    /** New units; one that is known already is left as it is. */
    record UnitsAdded(List<MemoryUnit> units) implements IndexChange {}

    /** All units of messages with new content; what was there of those messages goes. */
    record MessagesReplaced(List<MemoryUnit> units) implements IndexChange {}

    /**
     * Messages that are gone.
     *
     * @param messageIds their ids, where they were removed just now
     */
    record MessagesRemoved(String sessionId, List<Long> seqs, List<String> messageIds) implements IndexChange {
        /** Messages that were removed some time ago. */
        MessagesRemoved(String sessionId, List<Long> seqs) {
            this(sessionId, seqs, List.of());
        }
    }

    /** Embeddings of units; one whose unit has another text by now counts for nothing. */
    record VectorsReady(List<UnitVector> vectors) implements IndexChange {}
}
