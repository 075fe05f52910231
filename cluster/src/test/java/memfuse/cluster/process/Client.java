package memfuse.cluster.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A client of one server. A call that gets no answer throws {@link IOException}; an answer of whatever status is
 * returned. Safe for use by several threads.
 */
final class Client {
    /** Several times what any request may take, so that reaching it means that the server hangs. */
    private static final Duration HANG_LIMIT = Duration.ofMinutes(1);

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
    private static final int PAGE = 100;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(4, task -> {
        Thread thread = new Thread(task, "client");
        thread.setDaemon(true);
        return thread;
    });

    private final URI api;
    private final Optional<String> key;
    private final boolean patient;
    private final HttpClient http;

    Client(URI api) {
        this(
                api,
                Optional.empty(),
                false,
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(HANG_LIMIT)
                        .executor(THREADS)
                        .build());
    }

    private Client(URI api, Optional<String> key, boolean patient, HttpClient http) {
        this.api = api;
        this.key = key;
        this.patient = patient;
        this.http = http;
    }

    /** The same client with an API key. */
    Client withKey(String apiKey) {
        return new Client(api, Optional.of(apiKey), patient, http);
    }

    /** The same client, which for a while sends again what the server refuses for now; but not what it sends "later". */
    Client patient() {
        return new Client(api, key, true, http);
    }

    /** A message to be sent; without an id the server makes one. */
    record Said(@Nullable String id, String content) {}

    /** A message as the server shows it. */
    record Shown(String id, String content) {}

    Answer get(String path) throws IOException {
        return send(request(path).GET().build());
    }

    Answer post(String path, Object body) throws IOException {
        return send(request(path, "POST", body));
    }

    /** The same, and again where the server refuses for now. */
    Answer postPatiently(String path, Object body) throws IOException {
        return patiently(() -> post(path, body));
    }

    Answer put(String path, Object body) throws IOException {
        return send(request(path, "PUT", body));
    }

    Answer delete(String path, Object body) throws IOException {
        return send(request(path, "DELETE", body));
    }

    /** Sends bytes as they are, whatever they are. */
    Answer postBytes(String path, byte[] body) throws IOException {
        return send(request(path).POST(BodyPublishers.ofByteArray(body)).build());
    }

    /** A stream to its end, which is not JSON; one that breaks off is an {@link IOException}. */
    byte[] download(String path) throws IOException {
        try {
            HttpResponse<byte[]> response = http.send(request(path).GET().build(), BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new AssertionError("answered " + response.statusCode() + " to " + path);
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /**
     * A stream of a session's events, once it has begun.
     *
     * @param lastEventId the last event that was seen
     */
    InputStream events(String sessionId, Optional<String> lastEventId) throws IOException {
        HttpRequest.Builder request = request("/sessions/" + sessionId + "/events");
        lastEventId.ifPresent(id -> request.header("Last-Event-ID", id));
        try {
            HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
            if (response.statusCode() != 200) {
                throw new AssertionError("answered " + response.statusCode() + " to events of " + sessionId);
            }
            return response.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    CompletableFuture<Answer> postLater(String path, Object body) {
        long sentNanos = System.nanoTime();
        return http.sendAsync(request(path, "POST", body), BodyHandlers.ofByteArray())
                .thenApply(response -> answer(response, sentNanos));
    }

    /** A request that the server may refuse for now, for a while; then it is sent again. */
    @FunctionalInterface
    private interface Request {
        Answer send() throws IOException;
    }

    /** For what a test needs to go on: as patient as a client that does what {@code Retry-After} says. */
    private static Answer patiently(Request request) throws IOException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        Answer answer = request.send();
        while (answer.refusedForNow() && System.nanoTime() - deadlineNanos < 0) {
            Await.pass(RETRY_PAUSE);
            answer = request.send();
        }
        return answer;
    }

    /** The new user's id. */
    String createUser(String name) throws IOException {
        return created(patiently(() -> post("/users", Map.of("name", name))), "user");
    }

    /** The new agent's id. */
    String createAgent(String name) throws IOException {
        return created(patiently(() -> post("/agents", Map.of("name", name))), "agent");
    }

    /** The new session's id. */
    String createSession(String userId, String agentId) throws IOException {
        return created(patiently(() -> post("/sessions", session(userId, agentId))), "session");
    }

    static Map<String, String> session(String userId, String agentId) {
        return Map.of("user_id", userId, "agent_id", agentId);
    }

    private static String created(Answer answer, String what) {
        return answer.expect(201).data().path(what).path("id").asText();
    }

    Answer append(String sessionId, List<Said> round) throws IOException {
        return post(messages(sessionId), round(round));
    }

    Answer append(String sessionId, String... contents) throws IOException {
        return append(
                sessionId,
                List.of(contents).stream().map(text -> new Said(null, text)).toList());
    }

    /** Appends a round of messages with ids, and again where the server refuses for now; it must be acknowledged. */
    Answer appendPatiently(String sessionId, List<Said> round) throws IOException {
        return patiently(() -> append(sessionId, round)).expect(201);
    }

    CompletableFuture<Answer> appendLater(String sessionId, List<Said> round) {
        return postLater(messages(sessionId), round(round));
    }

    /** Appends a round under an {@code Idempotency-Key}. */
    CompletableFuture<Answer> appendUnderKey(String sessionId, String idempotencyKey, List<Said> round) {
        long sentNanos = System.nanoTime();
        HttpRequest request = request(messages(sessionId), "POST", round(round));
        HttpRequest withKey = HttpRequest.newBuilder(request, (name, value) -> true)
                .header("Idempotency-Key", idempotencyKey)
                .build();
        return http.sendAsync(withKey, BodyHandlers.ofByteArray()).thenApply(response -> answer(response, sentNanos));
    }

    static String messages(String sessionId) {
        return "/sessions/" + sessionId + "/messages";
    }

    private static Map<String, Object> round(List<Said> round) {
        List<Map<String, String>> messages = new ArrayList<>();
        for (Said said : round) {
            Map<String, String> message = new LinkedHashMap<>(Map.of("role", "user", "content", said.content()));
            if (said.id() != null) {
                message.put("id", said.id());
            }
            messages.add(message);
        }
        return Map.of("messages", messages);
    }

    /** The first hundred messages of a session, oldest first. */
    List<Shown> history(String sessionId) throws IOException {
        return page(sessionId, false);
    }

    /** Those of the first hundred messages that are still in the buffers, oldest first. */
    List<Shown> buffered(String sessionId) throws IOException {
        return page(sessionId, true);
    }

    private List<Shown> page(String sessionId, boolean bufferOnly) throws IOException {
        String query = "?limit=" + PAGE + "&sort_by=timestamp&order=asc&buffer_only=" + bufferOnly;
        Answer answer = patiently(() -> get(messages(sessionId) + query));
        return shown(answer.expect(200).data().path("messages"));
    }

    private static List<Shown> shown(JsonNode list) {
        List<Shown> shown = new ArrayList<>();
        list.forEach(element -> shown.add(
                new Shown(element.path("id").asText(), element.path("content").asText())));
        return shown;
    }

    /** The best hits in a user's memory, best first; of a long message a hit shows a part. */
    List<Shown> query(String userId, String text, int topK) throws IOException {
        Answer answer = postPatiently("/users/" + userId + "/query", Map.of("query", text, "top_k", topK));
        return shown(answer.expect(200).data().path("results"));
    }

    /** Brings everything that is buffered into the layers. */
    void flush() throws IOException {
        postPatiently("/buffer/flush", Map.of()).expect(200);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(api + path))
                .timeout(HANG_LIMIT)
                .header("Content-Type", "application/json");
        key.ifPresent(apiKey -> request.header("Authorization", "Bearer " + apiKey));
        return request;
    }

    private HttpRequest request(String path, String method, Object body) {
        try {
            return request(path)
                    .method(method, BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer send(HttpRequest request) throws IOException {
        return patient ? patiently(() -> sendOnce(request)) : sendOnce(request);
    }

    private Answer sendOnce(HttpRequest request) throws IOException {
        long sentNanos = System.nanoTime();
        try {
            return answer(http.send(request, BodyHandlers.ofByteArray()), sentNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Answer answer(HttpResponse<byte[]> response, long sentNanos) {
        try {
            byte[] body = response.body();
            JsonNode json = body.length == 0 ? MissingNode.getInstance() : JSON.readTree(body);
            boolean retriable = response.headers().firstValue("Retry-After").isPresent();
            return new Answer(response.statusCode(), json, retriable, Duration.ofNanos(System.nanoTime() - sentNanos));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
