package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.store.UnitVector;

/**
 * A message in a buffer with its retrieval units, each with its embedding as soon as that is ready.
 *
 * @param units at least one, by chunk number
 */
record BufferedMessage(Message message, List<MemoryUnit> units) {
    BufferedMessage {
        units = List.copyOf(units);
    }

    /** Whether one of the units is the one this embedding was made of. */
    boolean canTake(UnitVector vector) {
        return units.stream().anyMatch(unit -> isOf(vector, unit));
    }

    /** This message with the embedding of one of its units. */
    BufferedMessage with(UnitVector vector) {
        return new BufferedMessage(
                message,
                units.stream()
                        .map(unit -> isOf(vector, unit) ? unit.withVector(vector.vector()) : unit)
                        .toList());
    }

    private static boolean isOf(UnitVector vector, MemoryUnit unit) {
        return unit.key().equals(vector.key()) && unit.embeddedText().equals(vector.embeddedText());
    }
}
