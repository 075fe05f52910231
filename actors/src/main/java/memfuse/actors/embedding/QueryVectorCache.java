package memfuse.actors.embedding;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of recent queries; thread-safe, bounded, the least recently used goes first.
 *
 * <p>A query is known by its salted SHA-256 alone, so that no text outlives the user who asked it. {@link #clear} also
 * keeps out the vectors that were being made at that time.
 */
final class QueryVectorCache {
    private static final int SALT_BYTES = 32;

    private final int maxEntries;
    private final byte[] salt = new byte[SALT_BYTES];
    private final LinkedHashMap<ByteBuffer, float[]> vectors = new LinkedHashMap<>(16, 0.75f, true);
    private long generation;

    QueryVectorCache(int maxEntries) {
        this.maxEntries = maxEntries;
        new SecureRandom().nextBytes(salt);
    }

    float @Nullable [] get(String text) {
        return maxEntries == 0 ? null : get(key(text));
    }

    /** How often it was cleared. */
    synchronized long generation() {
        return generation;
    }

    /** @param askedIn the {@link #generation} in which the vector was asked for; of an earlier one nothing is kept */
    void put(String text, float[] vector, long askedIn) {
        if (maxEntries > 0) {
            put(key(text), vector.clone(), askedIn);
        }
    }

    synchronized void clear() {
        generation++;
        vectors.clear();
    }

    private synchronized float @Nullable [] get(ByteBuffer key) {
        float[] vector = vectors.get(key);
        return vector == null ? null : vector.clone();
    }

    private synchronized void put(ByteBuffer key, float[] vector, long askedIn) {
        if (askedIn != generation) {
            return;
        }
        vectors.put(key, vector);
        if (vectors.size() > maxEntries) {
            vectors.remove(vectors.keySet().iterator().next());
        }
    }

    private ByteBuffer key(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(salt);
            return ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)))
                    .asReadOnlyBuffer();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
