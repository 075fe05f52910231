package memfuse.cluster.http.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.TreeMap;
import memfuse.cluster.http.route.RouteTable.Admission;
import memfuse.cluster.http.route.RouteTable.Route;

/** The answers of one operation: those that are written down, in their envelope, and those that every such route has. */
final class Answered {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final TreeMap<Integer, JsonNode> answers = new TreeMap<>();
    private final Samples samples;

    /** No answers yet. */
    Answered(Samples samples) {
        this.samples = samples;
    }

    /** The successes; with data and a message they are in the envelope, and else they are taken as they are. */
    Answered written(JsonNode responses) {
        responses.properties().forEach(response -> {
            int status = Integer.parseInt(response.getKey());
            ObjectNode answer = (ObjectNode) response.getValue();
            if (answer.has("data")) {
                JsonNode schema = envelope(status, answer.remove("message"), answer.remove("data"));
                ObjectNode json = content(answer);
                json.set("schema", schema);
                json.set("example", samples.of(schema));
            }
            answers.put(status, answer);
        });
        return this;
    }

    /** Refusals in the error envelope, by status, with their reasons. */
    Answered errors(JsonNode reasons) {
        reasons.properties().forEach(reason -> {
            ObjectNode answer = JSON.objectNode().set("description", reason.getValue());
            content(answer).set("schema", reference("schemas", "Error"));
            answers.put(Integer.valueOf(reason.getKey()), answer);
        });
        return this;
    }

    /** What the route refuses before its handler is asked, and what a body is refused for. */
    Answered ofRoute(Route route, boolean takesBody) {
        if (route.need().key()) {
            refer(401, "NoKey");
            refer(403, "NotPermitted");
        }
        if (takesBody) {
            refer(408, "BodyTooSlow");
            refer(413, "BodyTooLarge");
            refer(422, "Invalid");
        }
        if (route.admission() != Admission.FREE) {
            refer(429, "Overloaded");
            refer(503, "Unavailable");
        }
        return this;
    }

    /** The answers by status, the smallest first. */
    ObjectNode responses() {
        ObjectNode responses = JSON.objectNode();
        answers.forEach((status, answer) -> responses.set(status.toString(), answer));
        return responses;
    }

    private void refer(int status, String response) {
        answers.putIfAbsent(status, reference("responses", response));
    }

    static ObjectNode reference(String kind, String name) {
        return JSON.objectNode().put("$ref", "#/components/" + kind + "/" + name);
    }

    private static ObjectNode content(ObjectNode answer) {
        return answer.putObject("content").putObject("application/json");
    }

    private static ObjectNode envelope(int status, JsonNode message, JsonNode data) {
        ObjectNode fields = JSON.objectNode();
        fields.set("status", JSON.objectNode().put("const", "success"));
        fields.set("code", JSON.objectNode().put("const", status));
        fields.set("data", data.has("$ref") ? data : closed(data));
        fields.set("message", message.isTextual() ? JSON.objectNode().set("const", message) : message);
        fields.set("errors", JSON.objectNode().put("type", "null"));
        return closed(fields);
    }

    /** An object with exactly these fields. */
    private static ObjectNode closed(JsonNode fields) {
        ObjectNode schema = JSON.objectNode().put("type", "object").put("additionalProperties", false);
        var required = schema.putArray("required");
        fields.fieldNames().forEachRemaining(required::add);
        return schema.set("properties", fields);
    }
}
