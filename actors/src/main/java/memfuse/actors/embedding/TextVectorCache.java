package memfuse.actors.embedding;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of texts that were embedded lately, so that what is said again and again is embedded once. Thread-safe,
 * bounded in bytes, the least recently used goes first.
 *
 * <p>A text is known by its salted SHA-256 alone, and the salt is nowhere else. Whoever removes a text {@linkplain #clear
 * clears} the cache, which also keeps out the vectors that were being made at that time: a vector tells something of its
 * text, and the cache cannot know whether somebody else said the same.
 */
public final class TextVectorCache {
    private static final int SALT_BYTES = 32;

    /** What an entry takes beside its floats. */
    private static final int ENTRY_BYTES = 224;

    private final long maxBytes;
    private final byte[] salt = new byte[SALT_BYTES];

    // Guarded by this.
    private final LinkedHashMap<ByteBuffer, float[]> vectors = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long hits;
    private long generation;

    /** @param maxBytes on the heap, about; 0 keeps nothing */
    public TextVectorCache(long maxBytes) {
        this.maxBytes = maxBytes;
        new SecureRandom().nextBytes(salt);
    }

    /** The vector of a text, or null; not to be changed. */
    public float @Nullable [] get(String text) {
        return maxBytes == 0 ? null : get(key(text));
    }

    /**
     * Keeps the vector of a text when it comes, unless the cache is cleared meanwhile.
     *
     * @return the same vector, which is there when it is kept: whoever waits for it finds the text known
     */
    public CompletionStage<float[]> putWhenReady(String text, CompletionStage<float[]> vector) {
        if (maxBytes == 0) {
            return vector;
        }
        long askedIn = generation();
        ByteBuffer key = key(text);
        return vector.thenApply(floats -> {
            put(key, floats, askedIn);
            return floats;
        });
    }

    /** Forgets everything. */
    public synchronized void clear() {
        generation++;
        vectors.clear();
        bytes = 0;
    }

    /** How many texts were known. */
    public synchronized long hits() {
        return hits;
    }

    /** Bytes on the heap, about. */
    public synchronized long bytes() {
        return bytes;
    }

    private synchronized long generation() {
        return generation;
    }

    private synchronized float @Nullable [] get(ByteBuffer key) {
        float[] vector = vectors.get(key);
        hits += vector == null ? 0 : 1;
        return vector;
    }

    private synchronized void put(ByteBuffer key, float[] vector, long askedIn) {
        if (askedIn != generation || vectors.putIfAbsent(key, vector) != null) {
            return;
        }
        bytes += size(vector);
        while (bytes > maxBytes) {
            Map.Entry<ByteBuffer, float[]> oldest =
                    vectors.entrySet().iterator().next();
            bytes -= size(oldest.getValue());
            vectors.remove(oldest.getKey());
        }
    }

    private static long size(float[] vector) {
        return ENTRY_BYTES + (long) Float.BYTES * vector.length;
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
