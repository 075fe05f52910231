package memfuse.protocol.transfer;

import java.time.Instant;
import memfuse.protocol.knowledge.SplitKnowledge;

/**
 * An item of knowledge with its times.
 *
 * @param createdAt to the microsecond
 * @param updatedAt to the microsecond
 */
public record ImportedKnowledge(SplitKnowledge item, Instant createdAt, Instant updatedAt) {}
