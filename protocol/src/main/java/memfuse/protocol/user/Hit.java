package memfuse.protocol.user;

import java.time.Instant;
import java.util.List;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import org.jspecify.annotations.Nullable;

/**
 * A memory that answers a query.
 *
 * @param id the message's id
 * @param content the matching text: the message, or the matching piece of a long one
 * @param score 0 to 1, higher is better; comparable within one answer
 * @param similarity cosine of query and text, or 0 where there is no embedding
 * @param session where it was said
 * @param layer where it was found
 * @param chunkNo the piece of the message, from 0
 * @param otherChunks further pieces of the same message that matched, best first
 */
public record Hit(
        String id,
        String content,
        double score,
        double similarity,
        Role role,
        @Nullable String name,
        Instant createdAt,
        Instant updatedAt,
        Session session,
        Layer layer,
        int chunkNo,
        List<Integer> otherChunks)
        implements CborSerializable {
    public Hit {
        otherChunks = List.copyOf(otherChunks);
    }

    /** Where a hit was found. */
    public enum Layer {
        ROUND_BUFFER("round_buffer", 0),
        HYBRID_BUFFER("hybrid_buffer", 0),
        M1("m1", 1);

        private final String source;
        private final int level;

        Layer(String source, int level) {
            this.source = source;
            this.level = level;
        }

        /** The name in {@code metadata.retrieval.source}. */
        public String source() {
            return source;
        }

        /** The memory level: 0 for messages that are not flushed, 1 for retrieval units. */
        public int level() {
            return level;
        }
    }
}
