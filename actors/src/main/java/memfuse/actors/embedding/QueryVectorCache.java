package memfuse.actors.embedding;

import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/** The vectors of recent queries by their text; thread-safe, bounded, the least recently used goes first. */
final class QueryVectorCache {
    /** Longer queries are not remembered, so that the bound in entries is one in bytes as well. */
    private static final int MAX_TEXT_CHARS = 2_000;

    private final int maxEntries;
    private final LinkedHashMap<String, float[]> vectors = new LinkedHashMap<>(16, 0.75f, true);

    QueryVectorCache(int maxEntries) {
        this.maxEntries = maxEntries;
    }

    synchronized float @Nullable [] get(String text) {
        float[] vector = vectors.get(text);
        return vector == null ? null : vector.clone();
    }

    synchronized void put(String text, float[] vector) {
        if (maxEntries == 0 || text.length() > MAX_TEXT_CHARS) {
            return;
        }
        vectors.put(text, vector.clone());
        if (vectors.size() > maxEntries) {
            vectors.remove(vectors.keySet().iterator().next());
        }
    }
}
