package memfuse.protocol.auth;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * What a key may look like: letters, digits and {@code -._~+/=}, as RFC 6750 has them, of {@value #MIN_LENGTH} to
 * {@value #MAX_LENGTH} characters.
 *
 * <p>The digests of keys are fast to compute, which is safe for keys that cannot be guessed. Those made here have 256
 * random bits; of a caller's own, the length is all that can be asked for.
 */
public final class KeyText {
    public static final int MIN_LENGTH = 32;
    public static final int MAX_LENGTH = 255;

    /** What is allowed, as it is told to callers. */
    public static final String RULE =
            MIN_LENGTH + " to " + MAX_LENGTH + " letters, digits and characters of - . _ ~ + / =";

    private static final String PREFIX = "mf_";
    private static final int RANDOM_BYTES = 32;
    private static final String OTHERS = "-._~+/=";

    private KeyText() {}

    /** A new key. */
    public static String random(SecureRandom source) {
        byte[] bytes = new byte[RANDOM_BYTES];
        source.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    public static boolean isAllowed(String key) {
        return key.length() >= MIN_LENGTH
                && key.length() <= MAX_LENGTH
                && key.chars().allMatch(KeyText::isAllowed);
    }

    private static boolean isAllowed(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || OTHERS.indexOf(character) >= 0;
    }
}
