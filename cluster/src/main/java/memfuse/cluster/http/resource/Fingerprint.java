package memfuse.cluster.http.resource;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The SHA-256 of messages as a caller sent them: equal when they say the same, whatever their JSON looks like. */
final class Fingerprint {
    private final MessageDigest digest;

    private Fingerprint() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    static String of(List<MessageBody> messages) {
        Fingerprint fingerprint = new Fingerprint();
        for (MessageBody message : messages) {
            fingerprint.add(message.id());
            fingerprint.add(message.role().wireName());
            fingerprint.add(message.name());
            fingerprint.add(message.content());
            fingerprint.add(
                    message.createdAt() == null ? null : message.createdAt().toString());
            fingerprint.add(message.metadata());
        }
        return Base64.getEncoder().withoutPadding().encodeToString(fingerprint.digest.digest());
    }

    /** Each text after its length, so that none can be taken for parts of others; -1 for none. */
    private void add(@Nullable String text) {
        byte[] bytes = text == null ? new byte[0] : text.getBytes(StandardCharsets.UTF_8);
        digest.update(ByteBuffer.allocate(Integer.BYTES)
                .putInt(0, text == null ? -1 : bytes.length)
                .array());
        digest.update(bytes);
    }
}
