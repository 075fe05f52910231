package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;

/** Splits a message into its retrieval units, at least one, the same for the same message. */
@FunctionalInterface
public interface UnitSplitter {
    List<MemoryUnit> split(String sessionId, Message message);
}
