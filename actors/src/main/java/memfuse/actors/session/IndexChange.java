package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.store.UnitVector;

/** A change of what a session can be searched by, for the index of its user. Each may be applied twice. */
public sealed interface IndexChange {
    /** Whether a text that was there before is gone by it. */
    default boolean takesTextsAway() {
        return false;
    }

    /** New units; one that is known already is left as it is. */
    record UnitsAdded(List<MemoryUnit> units) implements IndexChange {}

    /** All units of messages with new content; what was there of those messages goes. */
    record MessagesReplaced(List<MemoryUnit> units) implements IndexChange {
        @Override
        public boolean takesTextsAway() {
            return !units.isEmpty();
        }
    }

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

        @Override
        public boolean takesTextsAway() {
            return !seqs.isEmpty();
        }
    }

    /** Embeddings of units; one whose unit has another text by now counts for nothing. */
    record VectorsReady(List<UnitVector> vectors) implements IndexChange {}
}
