package memfuse.protocol.user;

import memfuse.protocol.CborSerializable;
import org.jspecify.annotations.Nullable;

/**
 * A search in one user's memory.
 *
 * @param query not empty
 * @param sessionId tags hits as in or across this session where it is given
 * @param agentId only sessions with this agent where it is given
 * @param topK hits at the most; 0 or less gives none
 */
public record QueryRequest(
        String query,
        @Nullable String sessionId,
        @Nullable String agentId,
        int topK,
        StoreType storeType,
        boolean includeMessages,
        boolean includeKnowledge)
        implements CborSerializable {
    /** What a query looks at. */
    public enum StoreType {
        /** Meaning and words together. */
        ALL,
        /** Meaning alone. */
        VECTOR,
        /** Words alone. */
        KEYWORD,
        /** Facts and their edges alone. */
        GRAPH
    }
}
