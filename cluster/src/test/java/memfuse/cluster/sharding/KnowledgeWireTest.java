package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.KnowledgeRequest;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said about knowledge and chunks arrives at another node as it was sent. */
class KnowledgeWireTest {
    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.123456Z");

    private final ActorTestKit kit = ActorTestKit.create(ConfigFactory.load());

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void carriesEveryRequest() {
        ActorRef<Reply> replyTo = kit.<Reply>createTestProbe().getRef();
        List<NewKnowledge> items = List.of(new NewKnowledge("k", "tea, é漢😀", 3));
        List<KnowledgeRequest> requests = List.of(
                new AddKnowledge(items, TIME, replyTo),
                new UpdateKnowledge(items, TIME, replyTo),
                new DeleteKnowledge(List.of("k"), replyTo),
                new ListKnowledge(replyTo),
                new ReadKnowledge(List.of("k"), replyTo));

        assertThat(requests)
                .extracting(Object::getClass)
                .containsExactlyInAnyOrder(KnowledgeRequest.class.getPermittedSubclasses());
        requests.forEach(this::assertCarried);
        assertCarried(
                new ListChunks(new ChunkRequest("s", new RoundId("s", 4), 10, ChunkRequest.SortBy.ID, true), replyTo));
        assertCarried(new ListChunks(new ChunkRequest(null, null, 10, ChunkRequest.SortBy.TIMESTAMP, false), replyTo));
    }

    @Test
    void carriesEveryReply() {
        Session session = new Session("s", "u", "a", "name", TIME, TIME);
        Chunk chunk = new Chunk(
                new UnitKey("s", 5, 1),
                new RoundId("s", 4),
                session,
                "m5",
                Role.USER,
                null,
                "tea",
                3,
                Hit.Layer.HYBRID_BUFFER,
                false,
                TIME,
                TIME);
        Hit hit = new Hit("k", "tea", 0.5, 0.25, null, null, TIME, TIME, null, Hit.Layer.KNOWLEDGE, 1, List.of(0));
        Stream.of(
                        new KnowledgeChanged(List.of("k")),
                        new KnowledgeRead(List.of(new KnowledgeItem("k", 1, "tea", TIME, TIME))),
                        new ChunksListed(List.of(chunk), 7),
                        new Hits(List.of(hit), true, true))
                .forEach(this::assertCarried);
    }

    private void assertCarried(Object message) {
        assertThat(kit.serializationTestKit().verifySerialization(message, true))
                .isEqualTo(message);
    }
}
