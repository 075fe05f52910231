package memfuse.cluster.process;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An OpenAI-compatible API on the loopback, behind a key: embeddings by what a text is about, and facts of who lives where,
 * each beside one whose evidence was never given. Its first answers of each kind are failures.
 */
final class ModelApi implements AutoCloseable {
    static final int DIMENSIONS = 3;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "sk-of-the-test";
    private static final Pattern HOME = Pattern.compile("I live in (\\w+)\\.");

    /** One dimension each; what is about neither has the last one. */
    private static final List<Pattern> TOPICS = List.of(Pattern.compile("cat|animal"), Pattern.compile("boat|ocean"));

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Deque<Failure>> failures = new ConcurrentHashMap<>();

    /** An answer that is none. */
    private record Failure(int status, String body) {}

    ModelApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        serve("/v1/embeddings", this::embeddings, new Failure(429, "{}"), new Failure(503, "busy"));
        serve(
                "/v1/chat/completions",
                this::completion,
                new Failure(500, "{\"error\":{\"message\":\"overloaded\"}}"),
                new Failure(200, "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"no JSON\"}}]}"));
        server.start();
    }

    private interface Model {
        JsonNode answer(JsonNode request) throws IOException;
    }

    private void serve(String path, Model model, Failure... first) {
        failures.put(path, new ArrayDeque<>(List.of(first)));
        server.createContext(path, exchange -> {
            try (exchange) {
                JsonNode request = JSON.readTree(exchange.getRequestBody());
                Failure failure = nextFailure(path);
                if (!("Bearer " + KEY).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                    send(exchange, 401, "{}");
                } else if (failure != null) {
                    send(exchange, failure.status(), failure.body());
                } else {
                    send(exchange, 200, model.answer(request).toString());
                }
            }
        });
    }

    private @Nullable Failure nextFailure(String path) {
        Deque<Failure> left = failures.getOrDefault(path, new ArrayDeque<>());
        synchronized (left) {
            return left.poll();
        }
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private JsonNode embeddings(JsonNode request) {
        ObjectNode answer = JSON.createObjectNode().put("object", "list");
        ArrayNode data = answer.putArray("data");
        for (JsonNode text : request.path("input")) {
            ArrayNode vector = JSON.createArrayNode();
            int topic = topicOf(text.asText());
            for (int i = 0; i < DIMENSIONS; i++) {
                vector.add(i == topic ? 0.9 : 0.1);
            }
            data.addObject().put("index", data.size() - 1).set("embedding", vector);
        }
        return answer;
    }

    private static int topicOf(String text) {
        for (int topic = 0; topic < TOPICS.size(); topic++) {
            if (TOPICS.get(topic).matcher(text).find()) {
                return topic;
            }
        }
        return DIMENSIONS - 1;
    }

    private JsonNode completion(JsonNode request) throws IOException {
        ObjectNode content = JSON.createObjectNode();
        ArrayNode facts = content.putArray("facts");
        for (JsonNode said : JSON.readTree(request.at("/messages/1/content").asText())) {
            Matcher home = HOME.matcher(said.path("text").asText());
            if (home.find()) {
                facts.add(fact(home.group(1), said.path("id").asText()));
                facts.add(fact("Atlantis", "m99"));
            }
        }
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode choice = answer.putArray("choices").addObject().put("finish_reason", "stop");
        choice.putObject("message").put("role", "assistant").put("content", content.toString());
        answer.putObject("usage").put("prompt_tokens", 1_000).put("completion_tokens", 100);
        return answer;
    }

    private static ObjectNode fact(String city, String evidence) {
        ObjectNode fact = JSON.createObjectNode()
                .put("subject", "Ida")
                .put("predicate", "lives in")
                .put("object", city)
                .put("text", "Ida lives in " + city + ".")
                .put("single_valued", true)
                .put("confidence", 0.9);
        fact.putArray("evidence").add(evidence);
        return fact.putNull("valid_from").putNull("valid_to");
    }

    /** The launch of a server that has it embed and extract. */
    Launch usedBy(Launch launch) {
        String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
        return launch.with("memfuse.embedding.model", "openai")
                .withEnvironment("MEMFUSE_EMBEDDING_OPENAI_MODEL", "stub-embedding")
                .withEnvironment("MEMFUSE_EMBEDDING_BASE_URL", url)
                .withEnvironment("MEMFUSE_EMBEDDING_API_KEY", KEY)
                .withEnvironment("MEMFUSE_EMBEDDING_DIMENSIONS", Integer.toString(DIMENSIONS))
                .with("memfuse.facts.extractor", "openai")
                .withEnvironment("MEMFUSE_FACTS_MODEL", "stub-chat")
                .withEnvironment("MEMFUSE_FACTS_BASE_URL", url)
                .withEnvironment("MEMFUSE_FACTS_API_KEY", KEY);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
