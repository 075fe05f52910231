package memfuse.protocol.store;

import memfuse.protocol.memory.UnitKey;

/**
 * A stored unit that still waits for its embedding.
 *
 * @param embeddedText the text to embed, see {@link memfuse.protocol.memory.MemoryUnit#embeddedText()}
 */
public record PendingUnit(String userId, UnitKey key, String embeddedText) {}
