package memfuse.protocol.auth;

import java.util.Arrays;
import java.util.HexFormat;

/** The digest of a key, which is all that is stored of it. Immutable; equal where the bytes are. */
public final class KeyDigest {
    private final byte[] bytes;

    private KeyDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    public static KeyDigest of(byte[] bytes) {
        return new KeyDigest(bytes.clone());
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyDigest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "KeyDigest[" + HexFormat.of().formatHex(bytes) + "]";
    }
}
