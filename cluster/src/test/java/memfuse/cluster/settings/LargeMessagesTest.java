package memfuse.cluster.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the settings permit fits between nodes. */
class LargeMessagesTest {
    private static final ActorTestKit KIT = ActorTestKit.create(
            "large-messages",
            ConfigFactory.parseMap(Map.of("pekko.actor.provider", "local")).withFallback(ConfigFactory.load()));
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.123456Z");
    private static final String ID = "é".repeat(255);

    private static MemFuseSettings settings(Map<String, String> set) {
        CommandLine.Start start = new CommandLine.Start(Optional.empty(), set);
        return LoadedSettings.load(start, Map.of(), new Properties()).settings();
    }

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static int bytesBetweenNodes(Object message) {
        Serialization serialization = SerializationExtension.get(KIT.system());
        return serialization.serialize(message).get().length;
    }

    @Test
    void followsTheSettings() {
        MemFuseSettings larger = settings(Map.of("memfuse.http.max-body-bytes", "64 MiB"));
        Config config = LargeMessages.config(larger);
        assertThat(config.getBytes("pekko.remote.artery.advanced.maximum-large-frame-size"))
                .isEqualTo(LargeMessages.maxBytes(larger.http()))
                .isGreaterThan(64 << 20);
        assertThat(config.getInt("pekko.remote.artery.advanced.outbound-large-message-queue-size"))
                .isGreaterThan(larger.http().maxInFlight());
    }

    @Test
    void hasRoomForTheLargestRequests() {
        MemFuseSettings.Http http = settings(Map.of()).http();
        ActorRef<Reply> replyTo = KIT.<Reply>createTestProbe().getRef();
        for (int messages : List.of(http.maxMessagesPerRequest(), 17)) {
            List<String> ids = IntStream.range(0, messages).mapToObj(i -> ID).toList();
            int contentBytes = http.maxBodyBytes() / messages - 3 * ID.length();
            List<NewMessage> changed = ids.stream()
                    .map(id -> new NewMessage(id, true, Role.ASSISTANT, ID, "a".repeat(contentBytes), TIME, "{}", 9))
                    .toList();
            assertThat(bytesBetweenNodes(new ToSession("s", new UpdateMessages(ids, changed, TIME), replyTo)))
                    .isGreaterThan(http.maxBodyBytes() - (1 << 20))
                    .isLessThan((int) LargeMessages.maxBytes(http) - 4096);
        }
    }

    @Test
    void hasRoomForTheLargestAnswers() {
        long most = 1 << 20;
        for (int messages : List.of(1_000, 1)) {
            int contentBytes = (int) (most / messages) - Message.OVERHEAD_BYTES - 4 * ID.length() - 2;
            List<Message> page = IntStream.rangeClosed(1, messages)
                    .mapToObj(seq -> new Message(
                            ID, seq, Role.ASSISTANT, ID, "a".repeat(Math.max(1, contentBytes)), TIME, TIME, "{}", 9))
                    .toList();
            long counted = page.stream().mapToLong(Message::answerBytes).sum();
            assertThat((long) bytesBetweenNodes(new MessagesRead(page))).isLessThan(counted + counted / 512 + 1024);
        }
        List<KnowledgeItem> items = IntStream.rangeClosed(1, 1_000)
                .mapToObj(number -> new KnowledgeItem("0".repeat(36), number, "tea", TIME, TIME))
                .toList();
        long counted = items.stream().mapToLong(KnowledgeItem::answerBytes).sum();
        assertThat((long) bytesBetweenNodes(new KnowledgeRead(items))).isLessThan(counted);
    }
}
