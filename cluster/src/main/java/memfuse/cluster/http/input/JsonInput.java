package memfuse.cluster.http.input;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.apache.pekko.util.ByteString;

/**
 * Reads bodies: strict UTF-8, one JSON object, bounded in depth.
 *
 * <p>Of a key that is given twice the last value counts, as in Python. Numbers keep all their digits. The bytes are
 * decoded before they are parsed, because Jackson's own decoding lets some malformed UTF-8 pass.
 */
public final class JsonInput {
    private static final int MAX_NESTING = 100;
    private static final int MAX_NAME_LENGTH = 10_000;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_NESTING)
                            .maxNameLength(MAX_NAME_LENGTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private JsonInput() {}

    /**
     * The value that {@code reader} makes of the body's object.
     *
     * @param reader asks for every field it needs; where a field is at fault it gets a placeholder, and what it returns
     *     is dropped
     */
    public static <T> Decoded<T> decode(ByteString body, Function<Fields, T> reader) {
        return decode(body, Location.BODY, reader);
    }

    /**
     * The value of a line of a body that has an object in each.
     *
     * @param number from 1; places in the line are told as {@code body, line, number, …}
     */
    public static <T> Decoded<T> decodeLine(ByteString line, long number, Function<Fields, T> reader) {
        return decode(line, Location.BODY.then("line").then(number), reader);
    }

    private static <T> Decoded<T> decode(ByteString body, Location at, Function<Fields, T> reader) {
        Issues issues = new Issues();
        JsonNode tree = parse(body, at, issues);
        if (issues.isEmpty() && !tree.isObject()) {
            issues.add(
                    "model_attributes_type",
                    at,
                    "Input should be a valid dictionary or object to extract fields from",
                    tree);
        }
        if (issues.isEmpty()) {
            T value = reader.apply(new Fields(tree, at, issues));
            if (issues.isEmpty()) {
                return new Decoded.Valid<>(value);
            }
        }
        return new Decoded.Invalid<>(issues.found());
    }

    private static JsonNode parse(ByteString body, Location at, Issues issues) {
        JsonNode nothing = JsonNodeFactory.instance.nullNode();
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.toArrayUnsafe()));
            try (JsonParser parser = MAPPER.getFactory()
                    .createParser(text.array(), text.arrayOffset() + text.position(), text.remaining())) {
                JsonNode tree = MAPPER.readTree(parser);
                if (tree == null || tree.isMissingNode()) {
                    issues.add("missing", at, "Field required", nothing);
                    return nothing;
                }
                if (parser.nextToken() != null) {
                    long place = parser.currentTokenLocation().getCharOffset();
                    return refuse(issues, at, place, "something follows the value");
                }
                return tree;
            }
        } catch (CharacterCodingException e) {
            return refuse(issues, at, 0, "the body is not valid UTF-8");
        } catch (JsonProcessingException e) {
            long place =
                    e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getCharOffset());
            return refuse(issues, at, place, e.getOriginalMessage());
        } catch (NumberFormatException e) {
            return refuse(
                    issues, at, 0, "an exponent is out of range"); // well-formed, but more than any number type holds
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode refuse(Issues issues, Location at, long place, String reason) {
        JsonNode empty = JsonNodeFactory.instance.objectNode();
        issues.add("json_invalid", at.then(place), "JSON decode error: " + reason, empty);
        return empty;
    }
}
