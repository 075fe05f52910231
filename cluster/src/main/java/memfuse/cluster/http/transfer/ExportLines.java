package memfuse.cluster.http.transfer;

import java.time.Instant;
import java.util.List;
import memfuse.cluster.http.output.Json;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.memory.Message;
import org.apache.pekko.util.ByteString;

/** The lines of an export, which counts what it has written. Used by one stream, one line after the other. */
final class ExportLines {
    static final String FORMAT = "memfuse-export";
    static final int VERSION = 1;
    private static final ByteString NEW_LINE = ByteString.fromString("\n");

    private long agents;
    private long sessions;
    private long messages;
    private long knowledge;

    private static ByteString line(String type, Json.Writer fields) {
        return Json.bytes(json -> {
                    json.writeStartObject();
                    json.writeStringField("type", type);
                    fields.write(json);
                    json.writeEndObject();
                })
                .concat(NEW_LINE);
    }

    ByteString head(Entity user, Instant exportedAt) {
        return line("export", json -> {
            json.writeStringField("format", FORMAT);
            json.writeNumberField("version", VERSION);
            Json.time(json, "exported_at", exportedAt);
            json.writeStringField("user_id", user.id());
            json.writeStringField("user_name", user.name());
        });
    }

    ByteString agent(Entity agent) {
        agents++;
        return line("agent", json -> {
            json.writeStringField("id", agent.id());
            json.writeStringField("name", agent.name());
            if (agent.description() != null) {
                json.writeStringField("description", agent.description());
            }
        });
    }

    ByteString session(Session session) {
        sessions++;
        return line("session", json -> {
            json.writeStringField("id", session.id());
            json.writeStringField("agent_id", session.agentId());
            json.writeStringField("name", session.name());
            Json.time(json, "created_at", session.createdAt());
            Json.time(json, "updated_at", session.updatedAt());
        });
    }

    ByteString messages(String sessionId, List<Message> page) {
        ByteString lines = ByteString.emptyByteString();
        for (Message message : page) {
            lines = lines.concat(message(sessionId, message));
        }
        messages += page.size();
        return lines;
    }

    private static ByteString message(String sessionId, Message message) {
        return line("message", json -> {
            json.writeStringField("session_id", sessionId);
            json.writeNumberField("seq", message.seq());
            json.writeStringField("id", message.id());
            json.writeStringField("role", message.role().wireName());
            if (message.name() != null) {
                json.writeStringField("name", message.name());
            }
            json.writeStringField("content", message.content());
            Json.time(json, "created_at", message.createdAt());
            Json.time(json, "updated_at", message.updatedAt());
            if (message.metadata() != null) {
                json.writeFieldName("metadata");
                json.writeRawValue(message.metadata());
            }
        });
    }

    ByteString knowledge(KnowledgeItem item) {
        knowledge++;
        return line("knowledge", json -> {
            json.writeStringField("id", item.id());
            json.writeStringField("content", item.content());
            Json.time(json, "created_at", item.createdAt());
            Json.time(json, "updated_at", item.updatedAt());
        });
    }

    /** The last line, without which a file is not complete. */
    ByteString end() {
        return line("end", json -> {
            json.writeNumberField("agents", agents);
            json.writeNumberField("sessions", sessions);
            json.writeNumberField("messages", messages);
            json.writeNumberField("knowledge", knowledge);
        });
    }
}
