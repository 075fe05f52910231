package memfuse.cluster.contract;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The OpenAPI document of a server, and what deviates from it. Safe for use by several threads. */
public final class Contract {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final JsonNode document;
    private final Schemas schemas;
    private final List<Operation> operations = new ArrayList<>();

    private Contract(JsonNode document) {
        this.document = document;
        schemas = new Schemas(document);
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().stream()
                        .filter(one -> one.getValue().has("responses"))
                        .forEach(one -> operations.add(operation(one.getKey(), path.getKey(), one.getValue()))));
    }

    /** What a document says. */
    public static Contract of(JsonNode document) {
        return new Contract(document);
    }

    private Operation operation(String method, String path, JsonNode described) {
        List<JsonNode> parameters = new ArrayList<>();
        described.path("parameters").forEach(one -> parameters.add(resolved(one)));
        return new Operation(method.toUpperCase(Locale.ROOT), path, parameters, described);
    }

    public JsonNode document() {
        return document;
    }

    /** All operations, those at a second path too. */
    public List<Operation> operations() {
        return List.copyOf(operations);
    }

    /** What a node refers to, or the node itself. */
    public JsonNode resolved(JsonNode node) {
        return node.has("$ref")
                ? resolved(document.at(node.get("$ref").textValue().substring(1)))
                : node;
    }

    /** What is wrong with the document itself. */
    public List<String> problems() {
        return schemas.problemsOfDocument();
    }

    /** What is wrong with a value of a schema. */
    public List<String> problems(JsonNode schema, JsonNode value) {
        return schemas.problems(schema, value);
    }

    /** What is not as documented in an answer: the status, a header, the kind of body or the body. */
    public List<String> deviations(Operation operation, Received answer) {
        JsonNode expected = resolved(operation.described().get("responses").path(Integer.toString(answer.status())));
        if (expected.isMissingNode()) {
            return List.of("the status " + answer.status() + " is not documented");
        }
        List<String> deviations = new ArrayList<>();
        expected.path("headers").properties().stream()
                .filter(header -> resolved(header.getValue()).path("required").asBoolean())
                .filter(header -> !answer.has(header.getKey()))
                .forEach(header -> deviations.add("there is no header " + header.getKey()));
        JsonNode content = expected.path("content");
        if (content.isMissingNode()) {
            if (!answer.body().isEmpty()) {
                deviations.add("there is a body, and none is documented");
            }
        } else if (!content.has(answer.mediaType())) {
            deviations.add("the body is " + answer.mediaType() + ", and that is not documented");
        } else if (answer.mediaType().equals("application/json")) {
            deviations.addAll(bodyDeviations(content.at("/application~1json/schema"), answer.body()));
        }
        return deviations;
    }

    private List<String> bodyDeviations(JsonNode schema, String body) {
        try {
            return schemas.problems(schema, JSON.readTree(body));
        } catch (JsonProcessingException e) {
            return List.of("the body is no JSON: " + e.getOriginalMessage());
        }
    }
}
