package memfuse.cluster.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/** A JSON document in which values at some places are replaced by bytes, which need not be JSON. */
final class JsonTemplate {
    private static final String MARK = "@@%d@@";

    private final JsonNode document;

    /** A document that stays as it is. */
    JsonTemplate(JsonNode document) {
        this.document = document;
    }

    /** The document's own bytes. */
    byte[] bytes() {
        return document.toString().getBytes(UTF_8);
    }

    /**
     * The document with these bytes at these places.
     *
     * @param values by their places: keys, and numbers in lists; objects and lists on the way there are made
     */
    byte[] with(Map<List<Object>, byte[]> values) {
        JsonNode copy = document.deepCopy();
        List<Map.Entry<List<Object>, byte[]>> all = List.copyOf(values.entrySet());
        for (int i = 0; i < all.size(); i++) {
            put(copy, all.get(i).getKey(), 0, MARK.formatted(i));
        }
        String text = copy.toString();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String part : text.split("\"@@|@@\"", -1)) {
            bytes.writeBytes(
                    part.matches("[0-9]+") ? all.get(Integer.parseInt(part)).getValue() : part.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    /** The document without what is at a place. */
    byte[] without(List<Object> place) {
        JsonNode copy = document.deepCopy();
        JsonNode parent = copy;
        for (Object step : place.subList(0, place.size() - 1)) {
            parent = child(parent, step);
        }
        Object last = place.get(place.size() - 1);
        if (parent instanceof ObjectNode object) {
            object.remove(last.toString());
        } else if (parent instanceof ArrayNode array && last instanceof Integer index) {
            array.remove(index);
        }
        return copy.toString().getBytes(UTF_8);
    }

    /** What is at a place. */
    JsonNode at(List<Object> place) {
        JsonNode node = document;
        for (Object step : place) {
            node = child(node, step);
        }
        return node;
    }

    private static JsonNode child(JsonNode parent, Object step) {
        return step instanceof Integer index ? parent.path(index) : parent.path(step.toString());
    }

    private static void put(JsonNode parent, List<Object> place, int depth, String mark) {
        Object step = place.get(depth);
        boolean last = depth + 1 == place.size();
        JsonNode child = child(parent, step);
        if (!last && !child.isContainerNode()) {
            if (!child.isMissingNode() && !child.isNull()) {
                return; // something else stands here already
            }
            child = container(place.get(depth + 1));
        }
        set(parent, step, last ? JsonNodeFactory.instance.textNode(mark) : child);
        if (!last) {
            put(child, place, depth + 1, mark);
        }
    }

    private static ContainerNode<?> container(Object step) {
        return step instanceof Integer ? JsonNodeFactory.instance.arrayNode() : JsonNodeFactory.instance.objectNode();
    }

    private static void set(JsonNode parent, Object step, JsonNode value) {
        if (parent instanceof ObjectNode object) {
            object.set(step.toString(), value);
        } else if (parent instanceof ArrayNode array && array.isEmpty()) {
            array.add(value);
        } else if (parent instanceof ArrayNode array && step instanceof Integer index) {
            array.set(index, value);
        }
    }
}
