package memfuse.cluster.http.input;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, asked for by name and checked as they are read.
 *
 * <p>A field at fault is noted and a placeholder returned, so that one reading finds all that is wrong. Keys nobody asks
 * for are ignored. Types and texts of issues are pydantic's, which MemFuse clients know.
 */
public final class Fields {
    private final JsonNode object;
    private final Location at;
    private final Issues issues;

    Fields(JsonNode object, Location at, Issues issues) {
        this.object = object;
        this.at = at;
        this.issues = issues;
    }

    /** Lengths a text may have, in characters. */
    public record Length(int min, int max) {}

    /** A required text; empty where it is at fault. */
    public String text(String field, Length length) {
        JsonNode value = required(field);
        return value.isMissingNode() ? "" : checkedText(value, at.then(field), length);
    }

    /** A text that may be absent or null; null where it is at fault. */
    public @Nullable String optionalText(String field, Length length) {
        JsonNode value = object.path(field);
        return isAbsent(value) ? null : checkedText(value, at.then(field), length);
    }

    /** A boolean, or {@code otherwise} where it is absent. */
    public boolean flag(String field, boolean otherwise) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return otherwise;
        }
        if (!value.isBoolean()) {
            String type = value.isTextual() || value.isNumber() ? "bool_parsing" : "bool_type";
            fault(type, field, "Input should be a valid boolean", value);
        }
        return value.asBoolean();
    }

    /** An integer brought into the given range, or {@code otherwise} where it is absent; numeric texts count. */
    public int number(String field, int otherwise, int min, int max) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            return otherwise;
        }
        double number = otherwise;
        if (value.isNumber()) {
            number = value.doubleValue();
            if (number != Math.rint(number)) {
                fault(
                        "int_from_float",
                        field,
                        "Input should be a valid integer, got a number with a fractional part",
                        value);
            }
        } else if (!value.isTextual()) {
            fault("int_type", field, "Input should be a valid integer", value);
        } else if (value.textValue().strip().matches("[+-]?[0-9]{1,300}")) {
            number = Double.parseDouble(value.textValue().strip());
        } else {
            fault("int_parsing", field, "Input should be a valid integer, unable to parse string as an integer", value);
        }
        return (int) Math.max(min, Math.min(max, number));
    }

    /** A required integer that is not too small, without a fraction; {@code min} where it is at fault. */
    public long wholeNumber(String field, long min) {
        JsonNode value = required(field);
        if (value.isMissingNode()) {
            return min;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            fault("int_type", field, "Input should be a valid integer", value);
            return min;
        }
        if (value.longValue() < min) {
            fault("greater_than_equal", field, "Input should be greater than or equal to " + min, value);
        }
        return Math.max(min, value.longValue());
    }

    /** One of the given words, required; the first where it is at fault. */
    public <T> T word(String field, Map<String, T> words) {
        JsonNode value = required(field);
        T first = words.values().iterator().next();
        return value.isMissingNode() ? first : checkedWord(field, value, words).orElse(first);
    }

    /** One of the given words, or nothing where it is absent or null. */
    public <T> Optional<T> optionalWord(String field, Map<String, T> words) {
        JsonNode value = object.path(field);
        return isAbsent(value) ? Optional.empty() : checkedWord(field, value, words);
    }

    /** A required list of texts, of any length each. */
    public List<String> texts(String field, int maxItems) {
        List<String> texts = new ArrayList<>();
        Location list = at.then(field);
        for (JsonNode item : items(field, maxItems)) {
            texts.add(checkedText(item, list.then(texts.size()), new Length(0, Integer.MAX_VALUE)));
        }
        return texts;
    }

    /** A required list of texts that say something, each of at most so many bytes in UTF-8. */
    public List<String> filledTexts(String field, int maxItems, int maxBytes) {
        List<String> texts = new ArrayList<>();
        Location list = at.then(field);
        for (JsonNode item : items(field, maxItems)) {
            Location here = list.then(texts.size());
            String text = checkedText(item, here, new Length(1, Integer.MAX_VALUE));
            texts.add(text);
            long bytes = Texts.utf8Bytes(text);
            if (bytes > maxBytes) {
                String rule =
                        "an item of " + field + " should have at most " + maxBytes + " bytes in UTF-8, not " + bytes;
                issues.add("value_error", here, "Value error, " + rule, item);
            } else if (!text.isEmpty() && text.isBlank()) {
                issues.add("value_error", here, "Value error, an item of " + field + " should not be blank", item);
            }
        }
        return texts;
    }

    /** A required list of objects, each read by {@code reader}. */
    public <T> List<T> objects(String field, int maxItems, Function<Fields, T> reader) {
        List<T> objects = new ArrayList<>();
        Location list = at.then(field);
        int place = 0;
        for (JsonNode item : items(field, maxItems)) {
            Location here = list.then(place++);
            if (item.isObject()) {
                objects.add(reader.apply(new Fields(item, here, issues)));
            } else {
                issues.add(
                        "model_attributes_type",
                        here,
                        "Input should be a valid dictionary or object to extract fields from",
                        item);
            }
        }
        return objects;
    }

    /**
     * Those of the given words that are chosen, as a list of them or as an object of booleans; nothing where the field is
     * absent or null.
     */
    public Optional<Set<String>> chosen(String field, Set<String> words) {
        JsonNode value = object.path(field);
        if (isAbsent(value)) {
            return Optional.empty();
        }
        Set<String> chosen = new TreeSet<>();
        for (JsonNode item : value.isArray() ? value : List.<JsonNode>of()) {
            checkChoice(field, item.asText(), item.isTextual(), item, words);
            chosen.add(item.asText());
        }
        for (var property : value.properties()) {
            JsonNode flag = property.getValue();
            checkChoice(field, property.getKey(), flag.isBoolean(), flag, words);
            if (flag.asBoolean()) {
                chosen.add(property.getKey());
            }
        }
        if (!value.isContainerNode()) {
            fault("dict_type", field, "Input should be a valid dictionary or list", value);
        }
        return Optional.of(chosen);
    }

    private void checkChoice(String field, String word, boolean wellTyped, JsonNode input, Set<String> words) {
        if (!wellTyped || !words.contains(word)) {
            String rule = "Input should be a list of " + oneOf(words) + ", or an object of booleans with such keys";
            issues.add("literal_error", at.then(field), rule, input);
        }
    }

    /** A JSON object of the caller's own as text, or null where it is absent, null or at fault. */
    public @Nullable String jsonObject(String field) {
        JsonNode value = object.path(field);
        if (isAbsent(value)) {
            return null;
        }
        if (!value.isObject()) {
            fault("dict_type", field, "Input should be a valid dictionary", value);
            return null;
        }
        checkTexts(value, at.then(field));
        return value.toString();
    }

    /** A time in ISO-8601, or null where it is absent, null or at fault. */
    public @Nullable Instant time(String field) {
        JsonNode value = object.path(field);
        if (isAbsent(value)) {
            return null;
        }
        if (!value.isTextual()) {
            fault("datetime_type", field, "Input should be a valid datetime", value);
            return null;
        }
        Optional<Instant> time = IsoTime.parse(value.textValue());
        if (time.isEmpty()) {
            fault("datetime_parsing", field, "Input should be a valid datetime of the years 1 to 9999", value);
        }
        return time.orElse(null);
    }

    /** Notes that a field, as it was read, breaks a rule of the resource. */
    public void refuse(String field, String rule) {
        fault("value_error", field, "Value error, " + rule, object.path(field));
    }

    private JsonNode required(String field) {
        JsonNode value = object.path(field);
        if (value.isMissingNode()) {
            fault("missing", field, "Field required", object);
        }
        return value;
    }

    private Iterable<JsonNode> items(String field, int maxItems) {
        JsonNode value = required(field);
        if (value.isMissingNode()) {
            return List.of();
        }
        if (!value.isArray()) {
            fault("list_type", field, "Input should be a valid list", value);
            return List.of();
        }
        if (value.size() > maxItems) {
            String rule = "List should have at most " + maxItems + " items after validation, not " + value.size();
            fault("too_long", field, rule, value);
            return List.of();
        }
        return value;
    }

    private String checkedText(JsonNode value, Location where, Length length) {
        if (!value.isTextual()) {
            issues.add("string_type", where, "Input should be a valid string", value);
            return "";
        }
        String text = value.textValue();
        if (text.length() < length.min()) {
            String rule = "String should have at least " + characters(length.min());
            issues.add("string_too_short", where, rule, value);
        } else if (text.length() > length.max() && text.codePointCount(0, text.length()) > length.max()) {
            issues.add("string_too_long", where, "String should have at most " + characters(length.max()), value);
        }
        checkStorable(text, value, where);
        return text;
    }

    private void checkTexts(JsonNode value, Location where) {
        if (value.isTextual()) {
            checkStorable(value.textValue(), value, where);
        }
        for (JsonNode element : value) {
            checkTexts(element, where);
        }
        for (var property : value.properties()) {
            checkStorable(property.getKey(), JsonNodeFactory.instance.textNode(property.getKey()), where);
        }
    }

    private void checkStorable(String text, JsonNode value, Location where) {
        if (!Texts.hasNoNull(text)) {
            issues.add("value_error", where, "Value error, null characters are not allowed", value);
        } else if (!Texts.isWellFormed(text)) {
            String rule = "Input should be a valid string, unable to parse raw data as a unicode string";
            issues.add("string_unicode", where, rule, value);
        }
    }

    private <T> Optional<T> checkedWord(String field, JsonNode value, Map<String, T> words) {
        T meant = value.isTextual() ? words.get(value.textValue()) : null;
        if (meant == null) {
            fault("literal_error", field, "Input should be " + oneOf(words.keySet()), value);
        }
        return Optional.ofNullable(meant);
    }

    private void fault(String type, String field, String message, JsonNode input) {
        issues.add(type, at.then(field), message, input);
    }

    private static boolean isAbsent(JsonNode value) {
        return value instanceof MissingNode || value.isNull();
    }

    private static String characters(int count) {
        return count == 1 ? "1 character" : count + " characters";
    }

    private static String oneOf(Iterable<String> words) {
        List<String> quoted = new ArrayList<>();
        words.forEach(word -> quoted.add("'" + word + "'"));
        String last = quoted.remove(quoted.size() - 1);
        return quoted.isEmpty() ? last : quoted.stream().collect(Collectors.joining(", ")) + " or " + last;
    }
}
