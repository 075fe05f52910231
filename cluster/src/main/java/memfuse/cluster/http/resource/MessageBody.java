package memfuse.cluster.http.resource;

import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.input.Texts;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import org.jspecify.annotations.Nullable;

/**
 * A message as a caller sends it.
 *
 * @param id the caller's own id, where it gave one
 * @param metadata a JSON object of the caller's as text
 */
record MessageBody(
        @Nullable String id,
        Role role,
        @Nullable String name,
        String content,
        @Nullable Instant createdAt,
        @Nullable String metadata) {
    private static final Length CONTENT = new Length(1, Integer.MAX_VALUE);
    private static final Map<String, Role> ROLES = new LinkedHashMap<>();

    static {
        for (Role role : Role.values()) {
            ROLES.put(role.wireName(), role);
        }
    }

    /** The list of messages in a field; an id that appears twice in it is at fault. */
    static List<MessageBody> list(Fields body, String field, MessageLimits limits) {
        Set<String> ids = new HashSet<>();
        return body.objects(field, limits.maxMessages(), message -> {
            MessageBody read = read(message, limits);
            if (read.id() != null && !ids.add(read.id())) {
                message.refuse("id", "the same id is given twice in this request");
            }
            return read;
        });
    }

    private static MessageBody read(Fields message, MessageLimits limits) {
        MessageBody read = new MessageBody(
                message.optionalText("id", Requests.ID),
                message.word("role", ROLES),
                message.optionalText("name", Requests.NAME),
                message.text("content", CONTENT),
                message.time("created_at"),
                message.jsonObject("metadata"));
        long contentBytes = Texts.utf8Bytes(read.content());
        long metadataBytes = read.metadata() == null ? 0 : Texts.utf8Bytes(read.metadata());
        if (contentBytes > limits.maxMessageBytes()) {
            message.refuse("content", tooLarge("content", contentBytes, limits));
        } else if (contentBytes + metadataBytes > limits.maxMessageBytes()) {
            message.refuse("metadata", tooLarge("content and metadata", contentBytes + metadataBytes, limits));
        }
        return read;
    }

    private static String tooLarge(String what, long bytes, MessageLimits limits) {
        return what + " should have at most " + limits.maxMessageBytes() + " bytes in UTF-8, not " + bytes;
    }

    /** This message for its session, under the caller's id or the given one, with its tokens counted. */
    NewMessage withId(String idOfOurs, ToIntFunction<String> tokens) {
        return new NewMessage(
                id == null ? idOfOurs : id,
                id != null,
                role,
                name,
                content,
                createdAt,
                metadata,
                tokens.applyAsInt(content));
    }
}
