package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.UserProtocol.ChunksListed;

/** Chunks as the contract shows them. */
public final class Chunks {
    private Chunks() {}

    /** Writes a page and how many there are in all. */
    public static void list(JsonGenerator json, ChunksListed listed) throws IOException {
        json.writeArrayFieldStart("chunks");
        for (Chunk chunk : listed.chunks()) {
            chunk(json, chunk);
        }
        json.writeEndArray();
        json.writeNumberField("total_count", listed.total());
    }

    private static void chunk(JsonGenerator json, Chunk chunk) throws IOException {
        json.writeStartObject();
        json.writeStringField("chunk_id", chunk.id());
        json.writeStringField("content", chunk.content());
        json.writeObjectFieldStart("metadata");
        json.writeStringField("user_id", chunk.session().userId());
        json.writeStringField("agent_id", chunk.session().agentId());
        json.writeStringField("session_id", chunk.session().id());
        json.writeStringField("round_id", chunk.round().text());
        json.writeStringField("message_id", chunk.messageId());
        json.writeNumberField("chunk", chunk.key().chunkNo());
        json.writeStringField("role", chunk.role().wireName());
        if (chunk.name() != null) {
            json.writeStringField("name", chunk.name());
        }
        json.writeNumberField("tokens", chunk.tokens());
        json.writeStringField("source", chunk.layer().source());
        json.writeBooleanField("embedded", chunk.embedded());
        Json.time(json, "created_at", chunk.createdAt());
        Json.time(json, "updated_at", chunk.updatedAt());
        json.writeEndObject();
        json.writeEndObject();
    }
}
