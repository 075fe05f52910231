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
 * <p>A query is known by its salted SHA-256 alone, so that no text outlives the user who asked it.
 */
final class QueryVectorCache {
    private static final int SALT_BYTES = 32;

    private final int maxEntries;
    private final byte[] salt = new byte[SALT_BYTES];
    private final LinkedHashMap<ByteBuffer, float[]> vectors = new LinkedHashMap<>(16, 0.75f, true);

    QueryVectorCache(int maxEntries) {
        this.maxEntries = maxEntries;
        new SecureRandom().nextBytes(salt);
    }

    float @Nullable [] get(String text) {
        return maxEntries == 0 ? null : get(key(text));
    }

    void put(String text, float[] vector) {
        if (maxEntries > 0) {
            put(key(text), vector.clone());
        }
    }

    private synchronized float @Nullable [] get(ByteBuffer key) {
        float[] vector = vectors.get(key);
        return vector == null ? null : vector.clone();
    }

    private synchronized void put(ByteBuffer key, float[] vector) {
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
