package memfuse.actors.retrieval;

import java.util.Map;
import java.util.function.Predicate;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * A search in one user's index.
 *
 * @param query the words
 * @param vector the query's embedding, or null where there is none: then words alone count
 * @param topK messages at the most; 0 or less gives none
 * @param sessions which sessions are searched, by id
 * @param sources which kinds of memory are searched
 * @param evidence messages, by their first units, that give evidence of facts about what is asked, and how much these have
 *     to do with it, 0 to 1
 */
public record SearchRequest(
        String query,
        float @Nullable [] vector,
        int topK,
        Mode mode,
        Predicate<String> sessions,
        Predicate<UnitSource> sources,
        Map<UnitKey, Double> evidence) {
    /** A search that no facts are known for. */
    public SearchRequest(
            String query,
            float @Nullable [] vector,
            int topK,
            Mode mode,
            Predicate<String> sessions,
            Predicate<UnitSource> sources) {
        this(query, vector, topK, mode, sessions, sources, Map.of());
    }

    /** What a search looks at. */
    public enum Mode {
        /** Meaning and words. */
        ALL,
        /** Meaning alone: finds only what is embedded. */
        VECTOR,
        /** Words alone: finds only what has one of them, or stands beside it. */
        KEYWORD
    }

    /** A search through everything, by meaning and words. */
    public static SearchRequest of(String query, float @Nullable [] vector, int topK) {
        return new SearchRequest(query, vector, topK, Mode.ALL, session -> true, source -> true);
    }
}
