package memfuse.actors.extraction;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server on the loopback that speaks as an OpenAI-compatible API does, and answers by a script; the last answer stays.
 */
public final class StubModel implements AutoCloseable {
    public static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<Answer> script = new ArrayDeque<>();
    private final List<Request> requests = new ArrayList<>();

    /** A request as it came. */
    public record Request(String method, String path, Headers headers, JsonNode body) {}

    /** Answers one request. */
    public interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    public StubModel() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    public StubModel then(Answer answer) {
        synchronized (script) {
            script.add(answer);
        }
        return this;
    }

    /** Answers with an error in the API's form. */
    public StubModel thenStatus(int status, String... headers) {
        return then(exchange -> {
            for (int i = 0; i < headers.length; i += 2) {
                exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
            }
            write(exchange, status, "{\"error\":{\"message\":\"scripted\",\"type\":\"scripted\",\"code\":null}}");
        });
    }

    /** Answers with a completion that has this content. */
    public StubModel thenContent(String content) {
        return thenCompletion(content, "stop");
    }

    public StubModel thenCompletion(String content, String finishReason) {
        return then(exchange -> write(exchange, 200, completion(content, finishReason)));
    }

    /** Never answers. */
    public StubModel thenSilence() {
        return then(exchange -> awaitClose());
    }

    /** Begins an answer and does not end it. */
    public StubModel thenHalfAnAnswer() {
        return then(exchange -> {
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write("{\"choices\":".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            awaitClose();
        });
    }

    /** Cuts the connection. */
    public StubModel thenEnd() {
        return then(HttpExchange::close);
    }

    public List<Request> requests() {
        synchronized (script) {
            return List.copyOf(requests);
        }
    }

    static String completion(String content, String finishReason) {
        ObjectNode body = JSON.createObjectNode()
                .put("id", "chatcmpl-1")
                .put("object", "chat.completion")
                .put("created", 1_700_000_000)
                .put("model", "stub-1");
        ObjectNode choice = body.putArray("choices").addObject().put("index", 0).put("finish_reason", finishReason);
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", content)
                .putNull("refusal");
        body.putObject("usage")
                .put("prompt_tokens", 1_000)
                .put("completion_tokens", 100)
                .put("total_tokens", 1_100);
        return body.toString();
    }

    public static void write(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void handle(HttpExchange exchange) throws IOException {
        Request request = new Request(
                exchange.getRequestMethod(),
                exchange.getRequestURI().toString(),
                exchange.getRequestHeaders(),
                read(exchange));
        Answer answer;
        synchronized (script) {
            requests.add(request);
            answer = script.size() > 1 ? script.remove() : script.element();
        }
        try (exchange) {
            answer.to(exchange);
        }
    }

    private static JsonNode read(HttpExchange exchange) throws IOException {
        try {
            return JSON.readTree(exchange.getRequestBody());
        } catch (JsonProcessingException e) {
            return JSON.missingNode();
        }
    }

    private void awaitClose() {
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
