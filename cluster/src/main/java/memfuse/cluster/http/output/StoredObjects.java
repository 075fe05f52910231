package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.transfer.Imported;

/**
 * The stored objects as the contract shows them. They are closed: clients validate them against schemas that allow no
 * further keys.
 */
public final class StoredObjects {
    private StoredObjects() {}

    /** A user or an agent. */
    public static void entity(JsonGenerator json, Entity entity) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", entity.id());
        json.writeStringField("name", entity.name());
        Json.nullable(json, "description", entity.description());
        Json.time(json, "created_at", entity.createdAt());
        Json.time(json, "updated_at", entity.updatedAt());
        json.writeEndObject();
    }

    public static void session(JsonGenerator json, Session session) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", session.id());
        json.writeStringField("user_id", session.userId());
        json.writeStringField("agent_id", session.agentId());
        json.writeStringField("name", session.name());
        Json.time(json, "created_at", session.createdAt());
        Json.time(json, "updated_at", session.updatedAt());
        json.writeEndObject();
    }

    /**
     * An API key.
     *
     * @param text the key itself, where it is shown, which is in the answer to its creation alone
     */
    public static void apiKey(JsonGenerator json, ApiKey key, Optional<String> text) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", key.id());
        json.writeStringField("user_id", key.userId());
        Json.nullable(json, "name", key.name());
        if (text.isPresent()) {
            json.writeStringField("key", text.get());
        }
        json.writeObjectFieldStart("permissions");
        json.writeBooleanField("read", key.permissions().read());
        json.writeBooleanField("write", key.permissions().write());
        json.writeBooleanField("admin", key.permissions().admin());
        json.writeEndObject();
        Json.time(json, "created_at", key.createdAt());
        Json.nullableTime(json, "expires_at", key.expiresAt());
        json.writeEndObject();
    }

    /**
     * A message; speaker and metadata appear only where the caller gave them.
     *
     * @param withMetadata false where the contract leaves metadata out
     */
    public static void message(JsonGenerator json, String sessionId, Message message, boolean withMetadata)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", message.id());
        json.writeStringField("session_id", sessionId);
        json.writeStringField("role", message.role().wireName());
        if (message.name() != null) {
            json.writeStringField("name", message.name());
        }
        json.writeStringField("content", message.content());
        Json.time(json, "created_at", message.createdAt());
        Json.time(json, "updated_at", message.updatedAt());
        if (withMetadata && message.metadata() != null) {
            json.writeFieldName("metadata");
            json.writeRawValue(message.metadata());
        }
        json.writeEndObject();
    }

    /** An item of a user's knowledge. */
    public static void knowledge(JsonGenerator json, String userId, KnowledgeItem item) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", item.id());
        json.writeStringField("user_id", userId);
        json.writeStringField("content", item.content());
        Json.time(json, "created_at", item.createdAt());
        Json.time(json, "updated_at", item.updatedAt());
        json.writeEndObject();
    }

    /** How far a session's messages have come. */
    public static void watermarks(JsonGenerator json, Watermarks watermarks) throws IOException {
        json.writeObjectFieldStart("watermarks");
        json.writeNumberField("journaled", watermarks.journaled());
        json.writeNumberField("transferred", watermarks.transferred());
        json.writeNumberField("m0", watermarks.flushed());
        json.writeNumberField("m1", watermarks.embedded());
        json.writeNumberField("m2", watermarks.extracted());
        json.writeEndObject();
    }

    /** A fact, as it stands now. */
    public static void fact(JsonGenerator json, Fact fact) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", fact.id());
        json.writeStringField("subject", fact.subject());
        json.writeStringField("predicate", fact.predicate());
        json.writeStringField("object", fact.object());
        json.writeStringField("text", fact.text());
        json.writeStringField("session_id", fact.sessionId());
        Json.texts(
                json,
                "evidence",
                fact.evidence().stream().map(Fact.Evidence::messageId).toList());
        Json.time(json, "said_at", fact.saidAt());
        Json.time(json, "valid_from", fact.validFrom());
        Json.nullableTime(json, "valid_to", fact.validTo());
        Json.nullable(json, "superseded_by", fact.supersededBy());
        json.writeNumberField("confidence", fact.confidence());
        json.writeStringField("extractor", fact.extractor());
        json.writeEndObject();
    }

    /** What an import has stored, as the fields of an object. */
    public static void imported(JsonGenerator json, String userId, Imported imported) throws IOException {
        json.writeStringField("user_id", userId);
        Json.time(json, "imported_at", imported.importedAt());
        json.writeNumberField("sessions", imported.sessionIds().size());
        json.writeNumberField("messages", imported.messages());
        json.writeNumberField("knowledge", imported.knowledge());
        ids(json, "session_ids", imported.sessionIds());
        ids(json, "agent_ids", imported.agentIds());
        ids(json, "knowledge_ids", imported.knowledgeIds());
    }

    private static void ids(JsonGenerator json, String field, Map<String, String> ids) throws IOException {
        json.writeObjectFieldStart(field);
        for (Map.Entry<String, String> id : ids.entrySet()) {
            json.writeStringField(id.getKey(), id.getValue());
        }
        json.writeEndObject();
    }

    /** The receipt of an erasure. */
    public static void erasure(JsonGenerator json, ErasureReceipt receipt) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", receipt.id());
        json.writeStringField("kind", receipt.kind());
        json.writeStringField("user_id", receipt.userId());
        Json.time(json, "erased_at", receipt.erasedAt());
        json.writeObjectFieldStart("counts");
        for (Map.Entry<String, Long> count : receipt.counts().entrySet()) {
            json.writeNumberField(count.getKey(), count.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }
}
