package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import memfuse.protocol.user.Hit;
import org.jspecify.annotations.Nullable;

/** Hits of a query as results of the contract. */
public final class Results {
    private Results() {}

    /**
     * Writes a hit.
     *
     * @param askedSessionId the session of the request, which decides the scope; null where it named none
     */
    public static void result(JsonGenerator json, Hit hit, @Nullable String askedSessionId) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", hit.id());
        json.writeStringField("content", hit.content());
        json.writeNumberField("score", Math.max(0, Math.min(1, finite(hit.score()))));
        json.writeStringField("type", "message");
        json.writeStringField("role", hit.role().wireName());
        Json.time(json, "created_at", hit.createdAt());
        Json.time(json, "updated_at", hit.updatedAt());
        json.writeObjectFieldStart("metadata");
        metadata(json, hit, askedSessionId);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void metadata(JsonGenerator json, Hit hit, @Nullable String askedSessionId) throws IOException {
        json.writeStringField("user_id", hit.session().userId());
        json.writeStringField("agent_id", hit.session().agentId());
        json.writeStringField("session_id", hit.session().id());
        json.writeStringField("session_name", hit.session().name());
        Json.nullable(json, "scope", scope(hit, askedSessionId));
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

    private static @Nullable String scope(Hit hit, @Nullable String askedSessionId) {
        if (askedSessionId == null) {
            return null;
        }
        return hit.session().id().equals(askedSessionId) ? "in_session" : "cross_session";
    }

    /** JSON has no infinities and no NaN. */
    private static double finite(double number) {
        return Double.isFinite(number) ? number : 0;
    }
}
