package memfuse.cluster.http.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import memfuse.protocol.auth.KeyDigest;

/**
 * Digests keys: SHA-256 over a salt and the key.
 *
 * <p>One salt for all keys lets a key be found by its digest, and keeps digests of one database useless for another. A
 * slow function, as passwords need it, would protect nothing here: nobody tries out 256 random bits.
 */
final class KeyHasher {
    private final MessageDigest salted;

    KeyHasher(byte[] salt) {
        try {
            salted = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        salted.update(salt);
    }

    KeyDigest digest(String key) {
        try {
            MessageDigest copy = (MessageDigest) salted.clone();
            return KeyDigest.of(copy.digest(key.getBytes(StandardCharsets.UTF_8)));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 can be copied", e);
        }
    }
}
