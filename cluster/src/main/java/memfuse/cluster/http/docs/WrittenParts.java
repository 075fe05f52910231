package memfuse.cluster.http.docs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.regex.Pattern;

/** The written parts of the document, YAML files in which {@code ${name}} stands for a setting of the server. */
final class WrittenParts {
    private static final ObjectMapper YAML =
            new ObjectMapper(YAMLFactory.builder().build()).enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    private static final Pattern SETTING = Pattern.compile("\\$\\{([a-z-]+)}");

    private final Map<String, Object> settings;

    /**
     * Parts for one server.
     *
     * @param settings texts and numbers by the names they have in the parts
     */
    WrittenParts(Map<String, Object> settings) {
        this.settings = Map.copyOf(settings);
    }

    /** The part with everything of the server put in. */
    ObjectNode read(String name) {
        try (InputStream file = WrittenParts.class.getResourceAsStream(name + ".yaml")) {
            if (file == null) {
                throw new IllegalArgumentException("there is no part " + name + ".yaml");
            }
            ObjectNode part = (ObjectNode) YAML.readTree(file);
            putSettingsInto(part);
            return part;
        } catch (IOException e) {
            throw new UncheckedIOException(name + ".yaml", e);
        }
    }

    private void putSettingsInto(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().forEach(property -> property.setValue(withSettings(property.getValue())));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, withSettings(array.get(i)));
            }
        }
    }

    private JsonNode withSettings(JsonNode value) {
        putSettingsInto(value);
        if (!value.isTextual()) {
            return value;
        }
        String text = value.textValue();
        var whole = SETTING.matcher(text);
        return whole.matches()
                ? YAML.valueToTree(setting(whole.group(1)))
                : YAML.valueToTree(SETTING.matcher(text)
                        .replaceAll(found -> setting(found.group(1)).toString()));
    }

    private Object setting(String name) {
        Object value = settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("a part names ${" + name + "}, known are " + settings.keySet());
        }
        return value;
    }
}
