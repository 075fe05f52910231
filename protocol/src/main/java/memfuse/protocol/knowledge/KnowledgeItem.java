package memfuse.protocol.knowledge;

import java.time.Instant;
import memfuse.protocol.CborSerializable;

/**
 * A stored item of knowledge.
 *
 * @param id unique among the user's items
 * @param number from 1, in the order in which the user's items were added
 * @param createdAt to the microsecond
 * @param updatedAt to the microsecond
 */
public record KnowledgeItem(String id, long number, String content, Instant createdAt, Instant updatedAt)
        implements CborSerializable {}
