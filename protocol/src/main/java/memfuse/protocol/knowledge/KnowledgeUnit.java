package memfuse.protocol.knowledge;

import java.util.List;
import java.util.stream.IntStream;
import memfuse.protocol.memory.Embeddable;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * A unit of retrieval of knowledge: an item, or a piece of a long one.
 *
 * @param key made by {@link UnitKey#ofKnowledge}
 * @param item the item it is a piece of
 * @param text the piece's own text; the whole content where the item has one unit
 * @param tokens tokens of the text
 * @param vector its embedding of unit length, or null while that is not ready (or there is no model)
 */
public record KnowledgeUnit(UnitKey key, KnowledgeItem item, String text, int tokens, float @Nullable [] vector)
        implements Embeddable {

    static List<KnowledgeUnit> of(String userId, KnowledgeItem item, List<SplitKnowledge.Piece> pieces) {
        return IntStream.range(0, pieces.size())
                .mapToObj(chunkNo -> new KnowledgeUnit(
                        UnitKey.ofKnowledge(userId, item.number(), chunkNo),
                        item,
                        pieces.get(chunkNo).text(),
                        pieces.get(chunkNo).tokens(),
                        null))
                .toList();
    }

    /** This unit with its embedding. */
    public KnowledgeUnit withVector(float[] embedding) {
        return new KnowledgeUnit(key, item, text, tokens, embedding);
    }

    @Override
    public String embeddedText() {
        return text;
    }
}
