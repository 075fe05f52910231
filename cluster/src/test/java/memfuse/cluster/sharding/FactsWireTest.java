package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import memfuse.actors.layers.FactBacklog;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.jackson.JacksonObjectMapperProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said about facts arrives at another node as it was sent, and what was said before there were any is read. */
class FactsWireTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.123456Z");

    private final ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void carriesEveryMessage() {
        Session session = new Session("s", "u", "a", "name", TIME, TIME);
        Hit hit = new Hit("m5", "tea", 0.5, 0, Role.USER, null, TIME, TIME, session, Hit.Layer.M2, 0, List.of());
        assertCarried(new FactBacklog.Wake());
        assertCarried(new Hits(List.of(hit), false, false));
        assertCarried(new WatermarksRead(new Watermarks(5, 4, 3, 2, 1)));
    }

    @Test
    void readsWatermarksOfAVersionWithoutFacts() throws IOException {
        ObjectMapper mapper =
                JacksonObjectMapperProvider.get(kit.system()).getOrCreate("jackson-cbor", Optional.empty());
        byte[] old = mapper.writeValueAsBytes(Map.of("journaled", 4, "transferred", 3, "flushed", 2, "embedded", 1));

        assertThat(mapper.readValue(old, Watermarks.class)).isEqualTo(new Watermarks(4, 3, 2, 1, 0));
    }

    private void assertCarried(Object message) {
        assertThat(kit.serializationTestKit().verifySerialization(message, true))
                .isEqualTo(message);
    }
}
