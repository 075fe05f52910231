package memfuse.protocol.knowledge;

import java.util.List;

/**
 * An item of knowledge for the store, with the pieces it is searched by.
 *
 * @param pieces in order; put together they are the content; none where there is nothing to be searched for
 */
public record SplitKnowledge(String id, String content, List<Piece> pieces) {
    public SplitKnowledge {
        pieces = List.copyOf(pieces);
    }

    /** A piece of a content, or all of it, with its tokens. */
    public record Piece(String text, int tokens) {}

    /** The units of the item once it is stored, without embeddings. */
    public List<KnowledgeUnit> unitsOf(String userId, KnowledgeItem stored) {
        return KnowledgeUnit.of(userId, stored, pieces);
    }
}
