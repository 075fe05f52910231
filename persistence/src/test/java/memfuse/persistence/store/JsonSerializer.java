package memfuse.persistence.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import memfuse.protocol.CborSerializable;

/** A serialization without an actor system. */
final class JsonSerializer implements JournalSerializer {
    private static final ObjectMapper JSON = new ObjectMapper().findAndRegisterModules();

    @Override
    public SerializedEvent serialize(CborSerializable value) {
        try {
            return new SerializedEvent(JSON.writeValueAsBytes(value), 7, "json");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public <T extends CborSerializable> T deserialize(SerializedEvent serialized, Class<T> type) {
        try {
            return JSON.readValue(serialized.payload(), type);
        } catch (IOException e) {
            throw new IllegalArgumentException("not " + type, e);
        }
    }
}
