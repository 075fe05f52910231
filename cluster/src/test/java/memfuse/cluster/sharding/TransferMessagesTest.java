package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What exports and imports send between nodes, and keep, comes back as it was. */
class TransferMessagesTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            "transfer-messages",
            ConfigFactory.parseMap(Map.of("pekko.actor.provider", "local")).withFallback(ConfigFactory.load()));

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static void assertComesBack(Object value) {
        assertThat(KIT.serializationTestKit().<Object>verifySerialization(value, false))
                .isEqualTo(value);
    }

    @Test
    void comesBack() {
        ActorRef<Reply> replyTo = KIT.<Reply>createTestProbe().getRef();
        Instant now = Instant.parse("2026-01-31T10:20:30.123456Z");
        assertComesBack(new ToSession("s", new ReadInOrder(new PageBySeq(7, 100, 1 << 17)), replyTo));
        assertComesBack(new Reload(replyTo));
        assertComesBack(new Reloaded());
        assertComesBack(
                new MessagesRead(List.of(new Message("m", 3, Role.USER, "ann", "hello", now, now, "{\"a\":1}", 1))));
        assertComesBack(new Imported(now, Map.of("a", "b"), Map.of("c", "d"), Map.of(), 7, 1));
    }
}
