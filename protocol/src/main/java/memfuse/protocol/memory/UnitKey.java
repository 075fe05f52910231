package memfuse.protocol.memory;

import memfuse.protocol.CborSerializable;

/**
 * Where a retrieval unit comes from: the {@code chunkNo}-th piece (from 0) of the {@code seq}-th message of a session, or
 * of the {@code seq}-th item of a user's knowledge.
 *
 * @param sessionId the session; of knowledge a mark that no session can have as its id
 */
public record UnitKey(String sessionId, long seq, int chunkNo) implements CborSerializable {
    /** Ids have no null characters. */
    private static final String KNOWLEDGE = "\u0000knowledge:";

    public UnitKey {
        if (sessionId.isEmpty() || seq < 1 || chunkNo < 0) {
            throw new IllegalArgumentException(
                    "not a unit: session=" + sessionId + ", seq=" + seq + ", chunk=" + chunkNo);
        }
    }

    /** A piece of an item of a user's knowledge. */
    public static UnitKey ofKnowledge(String userId, long number, int chunkNo) {
        return new UnitKey(knowledgeOf(userId), number, chunkNo);
    }

    /** What stands for the session in the keys of a user's knowledge. */
    public static String knowledgeOf(String userId) {
        return KNOWLEDGE + userId;
    }

    /** Whether this stands for the session in the keys of some user's knowledge. */
    public static boolean isKnowledge(String sessionId) {
        return sessionId.startsWith(KNOWLEDGE);
    }

    /** Whether the unit is of a user's knowledge. */
    public boolean fromKnowledge() {
        return isKnowledge(sessionId);
    }
}
