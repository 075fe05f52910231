package memfuse.protocol.knowledge;

import java.time.Instant;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.Utf8;

/**
 * A stored item of knowledge.
 *
 * @param id unique among the user's items
 * @param number from 1, in the order in which the user's items were added
 * @param createdAt to the microsecond
 * @param updatedAt to the microsecond
 */
public record KnowledgeItem(String id, long number, String content, Instant createdAt, Instant updatedAt)
        implements CborSerializable {
    /** What an item is counted with in an answer beside its content. */
    public static final int OVERHEAD_BYTES = 256;

    /** Bytes this item is counted with in an answer. */
    public long answerBytes() {
        return OVERHEAD_BYTES + Utf8.bytes(content);
    }
}
