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
 * @param id the id of the message, or of the item of knowledge
 * @param content the matching text: the whole, or the matching piece of a long one
 * @param score 0 to 1, higher is better; comparable within one answer
 * @param similarity cosine of query and text, or 0 where there is no embedding
 * @param role who said it; null for knowledge, which nobody said
 * @param session where it was said; null for knowledge
 * @param layer where it was found
 * @param chunkNo the piece of the whole, from 0
 * @param otherChunks its further pieces that matched, best first
 */
public record Hit(
        String id,
        String content,
        double score,
        double similarity,
        @Nullable Role role,
        @Nullable String name,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Session session,
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
        M1("m1", 1),
        KNOWLEDGE("knowledge", 1),
        M2("m2", 2);

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

        /** The memory level: 0 for messages that are not flushed, 1 for stored units of retrieval, 2 for facts. */
        public int level() {
            return level;
        }
    }
}
