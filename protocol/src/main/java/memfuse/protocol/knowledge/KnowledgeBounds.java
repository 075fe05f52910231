package memfuse.protocol.knowledge;

/**
 * How much knowledge one user can have.
 *
 * @param maxBytes bytes of all contents in UTF-8
 */
public record KnowledgeBounds(int maxItems, long maxBytes) {
    public KnowledgeBounds {
        if (maxItems < 1 || maxBytes < 1) {
            throw new IllegalArgumentException(
                    "bounds must be positive: maxItems=" + maxItems + ", maxBytes=" + maxBytes);
        }
    }
}
