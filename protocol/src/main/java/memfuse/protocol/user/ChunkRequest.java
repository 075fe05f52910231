package memfuse.protocol.user;

import memfuse.protocol.CborSerializable;
import memfuse.protocol.memory.RoundId;
import org.jspecify.annotations.Nullable;

/**
 * A page of the units of retrieval of a user's messages.
 *
 * @param sessionId only of this session where it is given
 * @param round only of this round where it is given, which is one of that session
 * @param limit units at the most, 1 to 100
 */
public record ChunkRequest(
        @Nullable String sessionId, @Nullable RoundId round, int limit, SortBy sortBy, boolean descending)
        implements CborSerializable {
    /** The largest page. */
    public static final int MAX_LIMIT = 100;

    public ChunkRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT + ": limit=" + limit);
        }
    }

    /** What a page is sorted by. */
    public enum SortBy {
        /** When it was said; of one time, by id. */
        TIMESTAMP,
        /** By session, number of the message, and piece. */
        ID
    }
}
