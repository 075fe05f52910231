package memfuse.cluster.http.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import memfuse.cluster.http.route.RouteTable.Listed;
import memfuse.cluster.http.route.RouteTable.Route;
import memfuse.protocol.auth.Permissions;

/**
 * Puts the OpenAPI document together: what is written about each operation, and what its route says of itself.
 *
 * <p>An operation that has no route, or a word that means nothing, is refused. That every route is written about, the
 * tests make sure.
 */
public final class OpenApi {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern VARIABLE = Pattern.compile("\\{([^}]*)}");

    private final Map<String, Route> routes = new HashMap<>();
    private final WrittenParts parts;
    private final ObjectNode document;
    private final Samples samples;

    private OpenApi(List<Listed> routes, WrittenParts parts) {
        routes.forEach(one -> this.routes.put(operation(one.method(), one.pattern()), one.route()));
        this.parts = parts;
        document = parts.read("openapi");
        samples = new Samples(document);
    }

    /**
     * The document of a server.
     *
     * @param routes what it serves
     * @param settings what the parts call by name: texts and numbers
     */
    public static ObjectNode document(List<Listed> routes, Map<String, Object> settings) {
        return new OpenApi(routes, new WrittenParts(settings)).assembled();
    }

    /** A method and a path, whatever the variables of the path are called. */
    public static String operation(String method, String path) {
        return method.toUpperCase(Locale.ROOT) + " " + VARIABLE.matcher(path).replaceAll("{}");
    }

    private ObjectNode assembled() {
        List<ObjectNode> all = document.remove("parts")
                .valueStream()
                .map(name -> parts.read(name.textValue()))
                .toList();
        all.forEach(part -> document.withObject("/components/schemas").setAll(part.withObject("/schemas")));
        all.forEach(this::addPart);
        return document;
    }

    private void addPart(ObjectNode part) {
        String tag = part.get("tag").textValue();
        document.withArray("tags").addObject().put("name", tag).set("description", part.get("about"));
        part.get("paths").properties().forEach(path -> addPath(path.getKey(), (ObjectNode) path.getValue(), tag));
    }

    private void addPath(String path, ObjectNode written, String tag) {
        JsonNode also = written.remove("also");
        ObjectNode item = JSON.objectNode();
        written.properties()
                .forEach(
                        one -> item.set(one.getKey(), operation(one.getKey(), path, (ObjectNode) one.getValue(), tag)));
        ObjectNode paths = (ObjectNode) document.get("paths");
        paths.set(path, item);
        if (also != null) {
            ObjectNode copy = item.deepCopy().put("x-same-as", path);
            item.fieldNames().forEachRemaining(method -> ((ObjectNode) copy.get(method)).remove("operationId"));
            paths.set(also.textValue(), copy);
            requireRoutes(also.textValue(), item);
        }
    }

    private void requireRoutes(String path, ObjectNode item) {
        item.fieldNames().forEachRemaining(method -> route(method, path));
    }

    private Route route(String method, String path) {
        Route route = routes.get(operation(method, path));
        if (route == null) {
            throw new IllegalArgumentException(operation(method, path) + " is written about, and is no route");
        }
        return route;
    }

    private ObjectNode operation(String method, String path, ObjectNode written, String tag) {
        Route route = route(method, path);
        ObjectNode operation = JSON.objectNode();
        operation.putArray("tags").add(tag);
        for (String word : List.of("operationId", "summary", "description")) {
            if (written.has(word)) {
                operation.set(word, written.remove(word));
            }
        }
        ArrayNode parameters = parameters(path, written.remove("parameters"));
        if (!parameters.isEmpty()) {
            operation.set("parameters", parameters);
        }
        JsonNode body = written.remove("body");
        if (body != null) {
            operation.set("requestBody", requestBody(body));
        }
        Answered answered = new Answered(samples).written(written.remove("responses"));
        if (written.has("errors")) {
            answered.errors(written.remove("errors"));
        }
        operation.set("responses", answered.ofRoute(route, body != null).responses());
        operation.set("security", security(route));
        if (route.need().key()) {
            operation.put("x-permission", permission(route.need().permissions()));
        }
        if (!written.isEmpty()) {
            throw new IllegalArgumentException(operation(method, path) + " says what means nothing: " + written);
        }
        return operation;
    }

    private static ArrayNode parameters(String path, JsonNode written) {
        ArrayNode parameters = JSON.arrayNode();
        VARIABLE.matcher(path)
                .results()
                .forEach(variable -> parameters.add(Answered.reference("parameters", variable.group(1))));
        return written == null ? parameters : parameters.addAll((ArrayNode) written);
    }

    private static ObjectNode requestBody(JsonNode body) {
        ObjectNode requestBody = JSON.objectNode().put("required", true);
        ObjectNode content = requestBody.putObject("content");
        if (body.has("lines")) {
            ObjectNode lines = content.putObject("application/x-ndjson");
            lines.putObject("schema").put("type", "string");
            lines.set("x-itemSchema", body.get("lines"));
            return requestBody;
        }
        ObjectNode json = content.putObject("application/json");
        json.set("schema", body.get("schema"));
        ObjectNode examples = json.putObject("examples");
        body.get("examples")
                .properties()
                .forEach(one -> examples.putObject(one.getKey()).set("value", one.getValue()));
        return requestBody;
    }

    private static ArrayNode security(Route route) {
        ArrayNode security = JSON.arrayNode();
        if (route.need().key()) {
            security.addObject().putArray("bearer");
            security.addObject().putArray("key");
        }
        return security;
    }

    private static String permission(Permissions needed) {
        return needed.admin() ? "admin" : needed.write() ? "write" : "read";
    }
}
