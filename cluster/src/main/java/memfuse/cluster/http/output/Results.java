package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import memfuse.protocol.directory.Session;
import memfuse.protocol.user.Hit;
import org.jspecify.annotations.Nullable;

/** Hits of a query as results of the contract. */
public final class Results {
    private Results() {}

    /**
     * Writes a hit.
     *
     * @param userId whose memory it is
     * @param askedSessionId the session of the request, which decides the scope; null where it named none
     */
    public static void result(JsonGenerator json, Hit hit, String userId, @Nullable String askedSessionId)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("id", hit.id());
        json.writeStringField("content", hit.content());
        json.writeNumberField("score", Math.max(0, Math.min(1, finite(hit.score()))));
        json.writeStringField("type", hit.layer() == Hit.Layer.KNOWLEDGE ? "knowledge" : "message");
        Json.nullable(json, "role", hit.role() == null ? null : hit.role().wireName());
        Json.time(json, "created_at", hit.createdAt());
        Json.time(json, "updated_at", hit.updatedAt());
        json.writeObjectFieldStart("metadata");
        metadata(json, hit, userId, askedSessionId);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void metadata(JsonGenerator json, Hit hit, String userId, @Nullable String askedSessionId)
            throws IOException {
        Session session = hit.session();
        json.writeStringField("user_id", userId);
        Json.nullable(json, "agent_id", session == null ? null : session.agentId());
        Json.nullable(json, "session_id", session == null ? null : session.id());
        Json.nullable(json, "session_name", session == null ? null : session.name());
        Json.nullable(json, "scope", scope(session, askedSessionId));
        json.writeNumberField("level", hit.layer().level());
        if (hit.name() != null) {
            json.writeStringField("name", hit.name());
        }
        json.writeObjectFieldStart("retrieval");
        json.writeStringField("source", hit.layer().source());
        json.writeNumberField("similarity", finite(hit.similarity()));
        if (hit.chunkNo() > 0 || !hit.otherChunks().isEmpty()) {
            json.writeNumberField("chunk", hit.chunkNo());
            json.writeArrayFieldStart("other_chunks");
            for (int chunk : hit.otherChunks()) {
                json.writeNumber(chunk);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static @Nullable String scope(@Nullable Session session, @Nullable String askedSessionId) {
        if (askedSessionId == null || session == null) {
            return null;
        }
        return session.id().equals(askedSessionId) ? "in_session" : "cross_session";
    }

    /** JSON has no infinities and no NaN. */
    private static double finite(double number) {
        return Double.isFinite(number) ? number : 0;
    }
}
