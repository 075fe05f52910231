package memfuse.protocol.memory;

import java.time.Instant;
import memfuse.protocol.CborSerializable;
import org.jspecify.annotations.Nullable;

/**
 * A message on its way into a session, checked and counted at the HTTP edge.
 *
 * @param id the caller's own id, or one made for it; unique within its session
 * @param callerId whether the caller chose the id, so that it may be a repetition of a stored message
 * @param name the speaker, where the caller named one
 * @param content at least one character, without {@code \u0000}
 * @param createdAt when it was said, to the microsecond; null means now
 * @param metadata the caller's own JSON object as text, kept as it is
 * @param tokens tokens of the content, counted once (cl100k)
 */
public record NewMessage(
        String id,
        boolean callerId,
        Role role,
        @Nullable String name,
        String content,
        @Nullable Instant createdAt,
        @Nullable String metadata,
        int tokens)
        implements CborSerializable {
    public NewMessage {
        if (id.isEmpty() || content.isEmpty() || tokens < 0) {
            throw new IllegalArgumentException("a message needs an id, content and a token count: id=" + id);
        }
    }

    /** This message as the {@code seq}-th of its session, appended at the given time. */
    public Message at(long seq, Instant appendedAt) {
        return new Message(
                id, seq, role, name, content, createdAt == null ? appendedAt : createdAt, appendedAt, metadata, tokens);
    }
}
