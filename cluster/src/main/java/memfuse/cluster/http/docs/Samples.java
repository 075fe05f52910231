package memfuse.cluster.http.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Makes an example of a schema from the examples of what it is made of. */
final class Samples {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final JsonNode document;

    /** For schemas that refer to others in the document. */
    Samples(JsonNode document) {
        this.document = document;
    }

    /** A value that the schema allows; an object with all its properties, a list of one. */
    JsonNode of(JsonNode schema) {
        if (schema.has("$ref")) {
            return of(References.resolved(document, schema));
        }
        if (schema.has("const")) {
            return schema.get("const");
        }
        for (String examples : new String[] {"examples", "enum"}) {
            if (schema.has(examples)) {
                return schema.get(examples).get(0);
            }
        }
        return switch (schema.path("type").asText()) {
            case "object" -> object(schema);
            case "array" -> JSON.arrayNode().add(of(schema.get("items")));
            case "null" -> JSON.nullNode();
            default -> throw new IllegalArgumentException("there is no example in " + schema);
        };
    }

    private ObjectNode object(JsonNode schema) {
        ObjectNode object = JSON.objectNode();
        schema.path("properties").properties().forEach(one -> object.set(one.getKey(), of(one.getValue())));
        return object;
    }
}
