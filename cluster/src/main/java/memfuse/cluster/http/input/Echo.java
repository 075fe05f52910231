package memfuse.cluster.http.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A short copy of what a client sent, safe to send back: a bounded number of values, each of a bounded length. */
final class Echo {
    private static final int MAX_VALUES = 40;
    private static final int MAX_DEPTH = 8;
    private static final int MAX_TEXT_LENGTH = 100;
    private static final String CUT = "…";

    private int values;

    private Echo() {}

    static JsonNode of(JsonNode node) {
        return new Echo().copy(node, 0);
    }

    private JsonNode copy(JsonNode node, int depth) {
        values++;
        if (node.isTextual() || node.isNumber()) {
            String text = node.asText();
            return node.isNumber() && text.length() <= MAX_TEXT_LENGTH ? node : text(text);
        }
        if (!node.isContainerNode()) {
            return node;
        }
        if (depth == MAX_DEPTH) {
            return text(CUT);
        }
        return node.isArray() ? copyArray(node, depth) : copyObject(node, depth);
    }

    private JsonNode copyArray(JsonNode node, int depth) {
        ArrayNode copy = JsonNodeFactory.instance.arrayNode();
        for (JsonNode element : node) {
            if (values >= MAX_VALUES) {
                return copy.add(CUT);
            }
            copy.add(copy(element, depth + 1));
        }
        return copy;
    }

    private JsonNode copyObject(JsonNode node, int depth) {
        ObjectNode copy = JsonNodeFactory.instance.objectNode();
        for (var property : node.properties()) {
            if (values >= MAX_VALUES) {
                return copy.put(CUT, CUT);
            }
            copy.set(shorten(property.getKey()), copy(property.getValue(), depth + 1));
        }
        return copy;
    }

    private static JsonNode text(String text) {
        return JsonNodeFactory.instance.textNode(shorten(text));
    }

    private static String shorten(String text) {
        String start = text.length() <= MAX_TEXT_LENGTH ? text : text.substring(0, MAX_TEXT_LENGTH) + CUT;
        return Texts.withoutLoneSurrogates(start);
    }
}
