package memfuse.cluster.settings;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** A YAML document as settings; each value remembers its file and line. */
final class YamlSettings {
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final JsonParser parser;

    private YamlSettings(Path file, JsonParser parser) {
        this.file = file;
        this.parser = parser;
    }

    /** @throws SettingsException it is not one document whose top is a map, with the line at fault */
    static Config parse(Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file);
                JsonParser parser = YAML.createParser(bytes)) {
            return new YamlSettings(file, parser).document();
        } catch (JsonProcessingException malformed) {
            throw new SettingsException("settings file is malformed: " + file + ": " + problem(malformed), malformed);
        }
    }

    private static String problem(JsonProcessingException malformed) {
        if (malformed.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
            return marked.getProblemMark().getLine() + 1 + ": " + marked.getProblem();
        }
        String line =
                malformed.getLocation() == null ? "" : malformed.getLocation().getLineNr() + ": ";
        return line + malformed.getOriginalMessage();
    }

    private Config document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == null || first == JsonToken.VALUE_NULL) {
            return ConfigFactory.empty();
        }
        if (first != JsonToken.START_OBJECT) {
            throw new SettingsException("settings file must hold keys with values: " + place());
        }
        ConfigObject object = object();
        if (parser.nextToken() != null) {
            throw new SettingsException("settings file must be one YAML document: " + place());
        }
        return object.toConfig();
    }

    /** A key without a value, or with an empty text, sets nothing. */
    private ConfigObject object() throws IOException {
        String origin = place();
        Map<String, ConfigValue> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            JsonToken token = parser.nextToken();
            if (token != JsonToken.VALUE_NULL && !(token == JsonToken.VALUE_STRING && parser.getTextLength() == 0)) {
                fields.put(key, value());
            }
        }
        return ConfigValueFactory.fromMap(fields, origin);
    }

    private ConfigValue value() throws IOException {
        String origin = place();
        return switch (parser.currentToken()) {
            case START_OBJECT -> object();
            case START_ARRAY -> {
                List<ConfigValue> elements = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    elements.add(value());
                }
                yield ConfigValueFactory.fromIterable(elements, origin);
            }
            case VALUE_TRUE, VALUE_FALSE -> ConfigValueFactory.fromAnyRef(parser.getBooleanValue(), origin);
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
                ConfigValueFactory.fromAnyRef(parser.getNumberValue().doubleValue(), origin);
            default -> ConfigValueFactory.fromAnyRef(parser.getText(), origin);
        };
    }

    private String place() {
        return file + ": " + parser.currentTokenLocation().getLineNr();
    }
}
