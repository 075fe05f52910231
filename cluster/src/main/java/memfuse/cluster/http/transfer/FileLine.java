package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import memfuse.cluster.http.input.Fields;
import memfuse.cluster.http.input.Fields.Length;
import memfuse.cluster.http.input.Texts;
import memfuse.protocol.memory.Role;
import org.jspecify.annotations.Nullable;

/** A line of a file that is imported, checked by itself. */
sealed interface FileLine {
    Length ID = new Length(1, 255);
    Length NAME = new Length(1, 255);
    Length DESCRIPTION = new Length(0, 10_000);
    Length CONTENT = new Length(1, Integer.MAX_VALUE);
    Length ANY = new Length(0, Integer.MAX_VALUE);
    Map<String, Role> ROLES = roles();
    Map<String, BiFunction<Fields, Integer, FileLine>> TYPES = new TreeMap<>(Map.of(
            "export", (fields, max) -> Head.read(fields),
            "agent", (fields, max) -> Agent.read(fields),
            "session", (fields, max) -> SessionLine.read(fields),
            "message", MessageLine::read,
            "knowledge", Knowledge::read,
            "end", (fields, max) -> End.read(fields)));

    /**
     * Reads a line.
     *
     * @param maxMessageBytes of a message or an item of knowledge, in UTF-8
     */
    static FileLine read(Fields fields, int maxMessageBytes) {
        Optional<BiFunction<Fields, Integer, FileLine>> reader = fields.optionalWord("type", TYPES);
        if (reader.isEmpty()) {
            fields.refuse("type", "every line should have a type");
            return new End(0, 0, 0, 0);
        }
        return reader.get().apply(fields, maxMessageBytes);
    }

    /** The first line. */
    record Head() implements FileLine {
        static Head read(Fields fields) {
            if (!fields.text("format", ANY).equals(ExportLines.FORMAT)) {
                fields.refuse("format", "the format should be " + ExportLines.FORMAT);
            }
            if (fields.wholeNumber("version", 0) != ExportLines.VERSION) {
                fields.refuse("version", "the version should be " + ExportLines.VERSION);
            }
            return new Head();
        }
    }

    record Agent(String id, String name, @Nullable String description) implements FileLine {
        static Agent read(Fields fields) {
            return new Agent(
                    fields.text("id", ID), fields.text("name", NAME), fields.optionalText("description", DESCRIPTION));
        }
    }

    record SessionLine(
            String id,
            String agentId,
            String name,
            @Nullable Instant createdAt,
            @Nullable Instant updatedAt) implements FileLine {
        static SessionLine read(Fields fields) {
            return new SessionLine(
                    fields.text("id", ID),
                    fields.text("agent_id", ID),
                    fields.text("name", NAME),
                    fields.time("created_at"),
                    fields.time("updated_at"));
        }
    }

    /** A message; without an id it gets one. */
    record MessageLine(
            String sessionId,
            long seq,
            @Nullable String id,
            Role role,
            @Nullable String name,
            String content,
            @Nullable Instant createdAt,
            @Nullable Instant updatedAt,
            @Nullable String metadata)
            implements FileLine {
        static MessageLine read(Fields fields, int maxBytes) {
            MessageLine line = new MessageLine(
                    fields.text("session_id", ID),
                    fields.wholeNumber("seq", 1),
                    fields.optionalText("id", ID),
                    fields.word("role", ROLES),
                    fields.optionalText("name", NAME),
                    fields.text("content", CONTENT),
                    fields.time("created_at"),
                    fields.time("updated_at"),
                    fields.jsonObject("metadata"));
            checkSize(fields, line.content(), line.metadata(), maxBytes);
            return line;
        }
    }

    record Knowledge(
            String id,
            String content,
            @Nullable Instant createdAt,
            @Nullable Instant updatedAt) implements FileLine {
        static Knowledge read(Fields fields, int maxBytes) {
            Knowledge line = new Knowledge(
                    fields.text("id", ID),
                    fields.text("content", ANY),
                    fields.time("created_at"),
                    fields.time("updated_at"));
            checkSize(fields, line.content(), null, maxBytes);
            return line;
        }
    }

    /** The last line, with how many lines of each type there are. */
    record End(long agents, long sessions, long messages, long knowledge) implements FileLine {
        static End read(Fields fields) {
            return new End(
                    fields.wholeNumber("agents", 0),
                    fields.wholeNumber("sessions", 0),
                    fields.wholeNumber("messages", 0),
                    fields.wholeNumber("knowledge", 0));
        }
    }

    private static void checkSize(Fields fields, String content, @Nullable String metadata, int maxBytes) {
        long bytes = Texts.utf8Bytes(content) + (metadata == null ? 0 : Texts.utf8Bytes(metadata));
        if (bytes > maxBytes) {
            fields.refuse(
                    "content",
                    "content and metadata should have at most " + maxBytes + " bytes in UTF-8, not " + bytes);
        }
    }

    private static Map<String, Role> roles() {
        Map<String, Role> roles = new LinkedHashMap<>();
        for (Role role : Role.values()) {
            roles.put(role.wireName(), role);
        }
        return roles;
    }
}
