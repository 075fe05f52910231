package memfuse.actors.retrieval;

import java.util.List;

/**
 * A message that a search found, by its best unit.
 *
 * @param score 0 to 1, higher is better; comparable within one search
 * @param fused the sum behind the score
 * @param similarity cosine of query and unit, or 0 where there is no embedding
 * @param bm25 the words' score of the unit with what was said before it
 * @param exact whether the query is the message's own words
 * @param otherChunks further pieces of the same message that score above the average, best first
 */
public record ScoredUnit(
        IndexedUnit unit,
        double score,
        double fused,
        double similarity,
        double bm25,
        boolean exact,
        List<Integer> otherChunks) {
    public ScoredUnit {
        otherChunks = List.copyOf(otherChunks);
    }
}
