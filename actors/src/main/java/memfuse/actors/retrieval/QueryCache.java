package memfuse.actors.retrieval;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import memfuse.actors.embedding.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * Answers to one user's recent queries. Not thread-safe; bounded, the least recently used goes first.
 *
 * <p>All answers are of one write version of the user's memory: a write makes all of them stale at once, and the first
 * look or answer at a newer version drops them.
 *
 * <p>Queries of more than {@value #MAX_QUERY_CHARS} characters are not remembered, so that the cache stays small: an answer
 * quotes what the index holds anyway, but a query is kept here alone.
 *
 * <p>An answer is found by the same words, or by a query that is so similar that it asks the same: its embedding has at
 * least a given cosine with that of the query answered, and both have the same {@link QueryMarks}. An answer found by
 * similarity is not remembered anew, so that similarity never goes further than one step.
 *
 * @param <O> the options of a query beside its text; a value
 * @param <A> the answers; immutable
 */
public final class QueryCache<O, A> {
    /** Characters of a query that is remembered, at the most. */
    static final int MAX_QUERY_CHARS = 2_000;

    private static final Pattern SPACES = Pattern.compile("\\s+");

    private final int maxEntries;
    private final double similarityThreshold;
    private final LinkedHashMap<Key<O>, Entry<A>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private long version = Long.MIN_VALUE;

    private record Key<O>(String query, O options) {}

    private record Entry<A>(A answer, QueryMarks marks, float @Nullable [] vector) {}

    /**
     * @param maxEntries answers at the most; 0 caches nothing
     * @param similarityThreshold the least cosine of similar queries, 0 to 1; at 1 only the same words are the same query
     */
    public QueryCache(int maxEntries, double similarityThreshold) {
        if (maxEntries < 0) {
            throw new IllegalArgumentException("maxEntries must be at least 0: " + maxEntries);
        }
        if (!(similarityThreshold >= 0 && similarityThreshold <= 1)) {
            throw new IllegalArgumentException("similarityThreshold must be 0 to 1: " + similarityThreshold);
        }
        this.maxEntries = maxEntries;
        this.similarityThreshold = similarityThreshold;
    }

    /** The answer to the same query with the same options, if nothing was written since. */
    public Optional<A> find(String query, O options, long writeVersion) {
        dropOlderThan(writeVersion);
        Entry<A> entry =
                writeVersion == version && isShort(query) ? entries.get(new Key<>(normalised(query), options)) : null;
        return entry == null ? Optional.empty() : Optional.of(entry.answer);
    }

    /**
     * The answer to the most similar query with the same options that asks the same, if nothing was written since.
     *
     * @param vector the query's embedding, of unit length
     */
    public Optional<A> findSimilar(String query, float[] vector, O options, long writeVersion) {
        dropOlderThan(writeVersion);
        if (writeVersion != version || similarityThreshold >= 1 || !isShort(query)) {
            return Optional.empty();
        }
        QueryMarks marks = QueryMarks.of(query);
        Key<O> nearest = null;
        float best = (float) similarityThreshold;
        for (Map.Entry<Key<O>, Entry<A>> each : entries.entrySet()) {
            float[] other = each.getValue().vector;
            if (other != null
                    && other.length == vector.length
                    && each.getKey().options.equals(options)
                    && each.getValue().marks.sameAs(marks)) {
                float cosine = Vectors.dot(vector, other, 0);
                if (cosine >= best) {
                    best = cosine;
                    nearest = each.getKey();
                }
            }
        }
        Entry<A> found = nearest == null ? null : entries.get(nearest);
        return found == null ? Optional.empty() : Optional.of(found.answer);
    }

    /**
     * Remembers an answer.
     *
     * @param writeVersion the version the answer was made at, taken before the search
     * @param vector the query's embedding, or null where it had none: then only the same words find the answer
     */
    public void put(String query, O options, long writeVersion, float @Nullable [] vector, A answer) {
        dropOlderThan(writeVersion);
        if (maxEntries == 0 || writeVersion < version || !isShort(query)) {
            return;
        }
        entries.put(new Key<>(normalised(query), options), new Entry<>(answer, QueryMarks.of(query), vector));
        if (entries.size() > maxEntries) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    private static boolean isShort(String query) {
        return query.length() <= MAX_QUERY_CHARS;
    }

    private void dropOlderThan(long writeVersion) {
        if (writeVersion > version) {
            entries.clear();
            version = writeVersion;
        }
    }

    /** Entries. */
    public int size() {
        return entries.size();
    }

    /** Forgets everything. */
    public void clear() {
        entries.clear();
    }

    /** The query without what cannot change its answer: case and white space. */
    private static String normalised(String query) {
        return SPACES.matcher(query.strip()).replaceAll(" ").toLowerCase(Locale.ROOT);
    }
}
