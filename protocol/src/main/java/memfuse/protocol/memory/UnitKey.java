package memfuse.protocol.memory;

import memfuse.protocol.CborSerializable;

/**
 * Where a retrieval unit comes from: the {@code chunkNo}-th piece (from 0) of the {@code seq}-th message of a session.
 */
public record UnitKey(String sessionId, long seq, int chunkNo) implements CborSerializable {
    public UnitKey {
        if (sessionId.isEmpty() || seq < 1 || chunkNo < 0) {
            throw new IllegalArgumentException(
                    "not a unit: session=" + sessionId + ", seq=" + seq + ", chunk=" + chunkNo);
        }
    }
}
