package memfuse.bench.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Instant;

/** The API as a client of one connection sees it: what the runs set up, and single requests. For one thread. */
public final class ApiClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROOT = "/api/v1";

    private final HttpConnection connection;

    private ApiClient(HttpConnection connection) {
        this.connection = connection;
    }

    public static ApiClient open(InetSocketAddress address) throws IOException {
        return new ApiClient(HttpConnection.open(address));
    }

    /** The request that appends one message as one round. */
    public static byte[] appendRequest(String sessionId, String content) {
        ObjectNode body = JSON.createObjectNode();
        body.putArray("messages").addObject().put("role", "user").put("content", content);
        return HttpRequests.post(messagesPath(sessionId), body.toString());
    }

    /**
     * A message of a conversation that is told to the server.
     *
     * @param id the caller's own, unique in its session
     * @param name who said it
     */
    public record SpokenMessage(String id, String name, String content, Instant createdAt) {}

    /** How far a session's messages have come, by their sequence numbers. */
    public record Progress(long journaled, long m1) {}

    /** The request for the newest messages of a session. */
    public static byte[] historyRequest(String sessionId, int limit) {
        return HttpRequests.get(messagesPath(sessionId) + "?limit=" + limit);
    }

    public static byte[] queryRequest(String userId, String query, int topK) {
        ObjectNode body = JSON.createObjectNode().put("query", query).put("top_k", topK);
        return HttpRequests.post(queryPath(userId), body.toString());
    }

    /** The id of a new user. */
    public String createUser(String name) throws IOException {
        return create("/users", "user", JSON.createObjectNode().put("name", name));
    }

    /** The id of a new agent. */
    public String createAgent(String name) throws IOException {
        return create("/agents", "agent", JSON.createObjectNode().put("name", name));
    }

    /** The id of a new session with a name of the server's making. */
    public String createSession(String userId, String agentId) throws IOException {
        return create(
                "/sessions",
                "session",
                JSON.createObjectNode().put("user_id", userId).put("agent_id", agentId));
    }

    /** The id of a new session. */
    public String createSession(String userId, String agentId, String name) throws IOException {
        ObjectNode body = JSON.createObjectNode().put("user_id", userId).put("agent_id", agentId);
        return create("/sessions", "session", body.put("name", name));
    }

    /** Appends a round of one message; its id. */
    public String append(String sessionId, String content) throws IOException {
        return expect(201, appendRequest(sessionId, content))
                .path("message_ids")
                .path(0)
                .asText();
    }

    /** Appends a round of one message. */
    public void append(String sessionId, SpokenMessage message) throws IOException {
        ObjectNode body = JSON.createObjectNode();
        body.putArray("messages")
                .addObject()
                .put("id", message.id())
                .put("role", "user")
                .put("name", message.name())
                .put("content", message.content())
                .put("created_at", message.createdAt().toString());
        expect(201, HttpRequests.post(messagesPath(sessionId), body.toString()));
    }

    public Progress progress(String sessionId) throws IOException {
        JsonNode watermarks = expect(200, HttpRequests.get(ROOT + "/sessions/" + sessionId + "/watermarks"))
                .path("watermarks");
        return new Progress(
                watermarks.path("journaled").asLong(), watermarks.path("m1").asLong());
    }

    /** The hits of a query. */
    public JsonNode query(String userId, String query, int topK) throws IOException {
        return expect(200, queryRequest(userId, query, topK)).path("results");
    }

    /**
     * The hits of a query in one kind of store.
     *
     * @param storeType {@code vector}, {@code keyword} or {@code graph}
     */
    public JsonNode query(String userId, String query, int topK, String storeType) throws IOException {
        ObjectNode body =
                JSON.createObjectNode().put("query", query).put("top_k", topK).put("store_type", storeType);
        return expect(200, HttpRequests.post(queryPath(userId), body.toString()))
                .path("results");
    }

    /** Has everything flushed; what is in the buffers then is in the layers when this returns. */
    public void flush() throws IOException {
        expect(200, HttpRequests.post(ROOT + "/buffer/flush", "{}"));
    }

    /** All metrics of the server, in Prometheus' text format. */
    public String metrics() throws IOException {
        HttpConnection.Response response = connection.send(HttpRequests.get("/metrics"));
        if (response.status() != 200) {
            throw new IOException("no metrics: " + response.status());
        }
        return response.text();
    }

    /** Succeeds when the server says that it is well. */
    public void health() throws IOException {
        expect(200, HttpRequests.get(ROOT + "/health"));
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private String create(String path, String kind, ObjectNode body) throws IOException {
        return expect(201, HttpRequests.post(ROOT + path, body.toString()))
                .path(kind)
                .path("id")
                .asText();
    }

    private JsonNode expect(int status, byte[] request) throws IOException {
        HttpConnection.Response response = connection.send(request);
        if (response.status() != status) {
            throw new IOException("expected " + status + ", got " + response.status() + ": " + response.text());
        }
        return JSON.readTree(response.body()).path("data");
    }

    private static String queryPath(String userId) {
        return ROOT + "/users/" + userId + "/query";
    }

    private static String messagesPath(String sessionId) {
        return ROOT + "/sessions/" + sessionId + "/messages";
    }
}
