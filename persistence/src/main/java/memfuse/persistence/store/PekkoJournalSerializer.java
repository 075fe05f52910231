package memfuse.persistence.store;

import memfuse.protocol.session.SessionProtocol.Flushed;
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
    public SerializedEvent serialize(Flushed marker) {
        Serializer serializer = serialization.findSerializerFor(marker);
        return new SerializedEvent(
                serializer.toBinary(marker), serializer.identifier(), Serializers.manifestFor(serializer, marker));
    }
}
