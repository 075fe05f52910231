package memfuse.persistence.store;

import memfuse.protocol.CborSerializable;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;

/** The serialization that the actor system is configured with, which is also the journal plugin's; thread-safe. */
public final class PekkoJournalSerializer implements JournalSerializer {
    private final Serialization serialization;

    public PekkoJournalSerializer(ActorSystem<?> system) {
        serialization = SerializationExtension.get(system);
    }

    @Override
    public SerializedEvent serialize(CborSerializable value) {
        Serializer serializer = serialization.findSerializerFor(value);
        return new SerializedEvent(
                serializer.toBinary(value), serializer.identifier(), Serializers.manifestFor(serializer, value));
    }

    @Override
    public <T extends CborSerializable> T deserialize(SerializedEvent serialized, Class<T> type) {
        Object value = serialization
                .deserialize(serialized.payload(), serialized.serializerId(), serialized.manifest())
                .get();
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException("expected " + type.getName() + ", got " + serialized.manifest());
        }
        return type.cast(value);
    }
}
