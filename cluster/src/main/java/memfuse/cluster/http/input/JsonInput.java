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
        Issues issues = new Issues();
        JsonNode tree = parse(body, issues);
        if (issues.isEmpty() && !tree.isObject()) {
            issues.add(
                    "model_attributes_type",
                    Location.BODY,
                    "Input should be a valid dictionary or object to extract fields from",
                    tree);
        }
        if (issues.isEmpty()) {
            T value = reader.apply(new Fields(tree, Location.BODY, issues));
            if (issues.isEmpty()) {
                return new Decoded.Valid<>(value);
            }
        }
        return new Decoded.Invalid<>(issues.found());
    }

    private static JsonNode parse(ByteString body, Issues issues) {
        JsonNode nothing = JsonNodeFactory.instance.nullNode();
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body.toArrayUnsafe()));
            try (JsonParser parser = MAPPER.getFactory()
                    .createParser(text.array(), text.arrayOffset() + text.position(), text.remaining())) {
                JsonNode tree = MAPPER.readTree(parser);
                if (tree == null || tree.isMissingNode()) {
                    issues.add("missing", Location.BODY, "Field required", nothing);
                    return nothing;
                }
                if (parser.nextToken() != null) {
                    long place = parser.currentTokenLocation().getCharOffset();
                    return refuse(issues, place, "something follows the value");
                }
                return tree;
            }
        } catch (CharacterCodingException e) {
            return refuse(issues, 0, "the body is not valid UTF-8");
        } catch (JsonProcessingException e) {
            long place =
                    e.getLocation() == null ? 0 : Math.max(0, e.getLocation().getCharOffset());
            return refuse(issues, place, e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode refuse(Issues issues, long place, String reason) {
        JsonNode empty = JsonNodeFactory.instance.objectNode();
        issues.add("json_invalid", Location.BODY.then(place), "JSON decode error: " + reason, empty);
        return empty;
    }
}
