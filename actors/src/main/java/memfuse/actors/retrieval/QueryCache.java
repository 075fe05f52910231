package memfuse.actors.retrieval;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers to one user's recent queries. Not thread-safe; bounded, the least recently used goes first.
 *
 * <p>Every entry carries the user's write version at the time the answer was made, and is found at that version only: a
 * write makes all of them stale at once, and stale ones are dropped when they are met or when room is needed.
 *
 * @param <O> the options of a query beside its text; a value
 * @param <A> the answers; immutable
 */
public final class QueryCache<O, A> {
    private static final Pattern SPACES = Pattern.compile("\\s+");

    private final int maxEntries;
    private final LinkedHashMap<Key<O>, Entry<A>> entries = new LinkedHashMap<>(16, 0.75f, true);

    private record Key<O>(String query, O options) {}

    private record Entry<A>(A answer, long writeVersion) {}

    /**
     * @param maxEntries answers at the most; 0 caches nothing
     */
    public QueryCache(int maxEntries) {
        if (maxEntries < 0) {
            throw new IllegalArgumentException("maxEntries must be at least 0: " + maxEntries);
        }
        this.maxEntries = maxEntries;
    }

    /** The answer to the same query with the same options, if nothing was written since. */
    public Optional<A> find(String query, O options, long writeVersion) {
        Key<O> key = new Key<>(normalised(query), options);
        @Nullable Entry<A> entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.writeVersion != writeVersion) {
            entries.remove(key);
            return Optional.empty();
        }
        return Optional.of(entry.answer);
    }

    /**
     * Remembers an answer.
     *
     * @param writeVersion the version the answer was made at, taken before the search
     */
    public void put(String query, O options, long writeVersion, A answer) {
        if (maxEntries == 0) {
            return;
        }
        entries.put(new Key<>(normalised(query), options), new Entry<>(answer, writeVersion));
        if (entries.size() > maxEntries) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    /** Entries, stale ones included. */
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
