package memfuse.protocol.user;

import java.time.Instant;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * A unit of retrieval as it is listed: a message, or a piece of a long one.
 *
 * @param key where it comes from; unique
 * @param round the messages it came with
 * @param layer where it is
 * @param tokens tokens of the content
 * @param embedded whether it is found by its meaning; without a model never
 */
public record Chunk(
        UnitKey key,
        RoundId round,
        Session session,
        String messageId,
        Role role,
        @Nullable String name,
        String content,
        int tokens,
        Hit.Layer layer,
        boolean embedded,
        Instant createdAt,
        Instant updatedAt)
        implements CborSerializable {
    /** As it is shown: the session's id, the message's number and the piece's. */
    public String id() {
        return key.sessionId() + "-" + key.seq() + "-" + key.chunkNo();
    }
}
