package memfuse.protocol.memory;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.Objects;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * A stored message of a session.
 *
 * @param id unique within its session
 * @param seq the message's number in its session, from 1, never used twice
 * @param name the speaker, where the caller named one
 * @param createdAt when it was said, to the microsecond
 * @param updatedAt when it was appended or last changed, to the microsecond
 * @param metadata the caller's own JSON object as text
 * @param tokens tokens of the content
 * @param roundSeq the number of the first message of its round, which is one append; 0 where that is not known
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Message(
        String id,
        long seq,
        Role role,
        @Nullable String name,
        String content,
        Instant createdAt,
        Instant updatedAt,
        @Nullable String metadata,
        int tokens,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) long roundSeq)
        implements CborSerializable {
    /** What a message is counted with in an answer beside its texts. */
    public static final int OVERHEAD_BYTES = 256;

    /** The most that it is counted with beside its content and metadata. */
    public static final int MAX_OVERHEAD_BYTES = 4096;

    @JsonCreator
    public Message {
        if (id.isEmpty() || seq < 1 || content.isEmpty() || tokens < 0) {
            throw new IllegalArgumentException("not a message: id=" + id + ", seq=" + seq);
        }
    }

    /** A message whose round is not known. */
    public Message(
            String id,
            long seq,
            Role role,
            @Nullable String name,
            String content,
            Instant createdAt,
            Instant updatedAt,
            @Nullable String metadata,
            int tokens) {
        this(id, seq, role, name, content, createdAt, updatedAt, metadata, tokens, 0);
    }

    /** This message as one of the round that begins with that number. */
    public Message inRound(long firstSeq) {
        return firstSeq == roundSeq
                ? this
                : new Message(id, seq, role, name, content, createdAt, updatedAt, metadata, tokens, firstSeq);
    }

    /** Whether a repeated append of {@code other} under the same id says the same thing. */
    public boolean repeats(NewMessage other) {
        return role == other.role()
                && content.equals(other.content())
                && Objects.equals(name, other.name())
                && Objects.equals(metadata, other.metadata());
    }

    /** This message with what {@code edit} says; id, number and time of saying stay. */
    public Message edited(NewMessage edit, Instant editedAt) {
        return new Message(
                id,
                seq,
                edit.role(),
                edit.name() == null ? name : edit.name(),
                edit.content(),
                createdAt,
                editedAt,
                edit.metadata() == null ? metadata : edit.metadata(),
                edit.tokens(),
                roundSeq);
    }

    /** Bytes this message is counted with in an answer: at least what it is on the way to another node. */
    public long answerBytes() {
        return OVERHEAD_BYTES + Utf8.bytes(id) + Utf8.bytes(name) + Utf8.bytes(content) + Utf8.bytes(metadata);
    }

    /** Bytes this message is counted with in the high-water mark: its text and a flat overhead. */
    public int sizeBytes() {
        return 160 + content.length() + (metadata == null ? 0 : metadata.length());
    }
}
