package memfuse.cluster.http.output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;

/** Writes JSON to bytes, field by field, without reflection. */
public final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes one value. */
    @FunctionalInterface
    public interface Writer {
        void write(JsonGenerator json) throws IOException;
    }

    public static ByteString bytes(Writer value) {
        JsonBytes bytes = new JsonBytes();
        try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
            value.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("a value that cannot be written as JSON", e);
        }
        return bytes.result();
    }

    public static void time(JsonGenerator json, String field, Instant time) throws IOException {
        json.writeStringField(field, Timestamps.text(time));
    }

    /** Writes the time, as JSON null where there is none. */
    static void nullableTime(JsonGenerator json, String field, @Nullable Instant time) throws IOException {
        if (time == null) {
            json.writeNullField(field);
        } else {
            time(json, field, time);
        }
    }

    /** Writes the field, as JSON null where there is no value. */
    static void nullable(JsonGenerator json, String field, @Nullable String value) throws IOException {
        json.writeFieldName(field);
        json.writeString(value);
    }

    /** A list of texts as a field. */
    public static void texts(JsonGenerator json, String field, Iterable<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }
}
