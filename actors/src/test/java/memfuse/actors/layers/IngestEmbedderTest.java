package memfuse.actors.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.EmbeddingQueueSettings;
import memfuse.actors.embedding.TextVectorCache;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Texts that are said again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IngestEmbedderTest {
    private final ActorTestKit kit = ActorTestKit.create();

    private FakeModel model = new FakeModel();
    private EmbeddingQueue queue = queue();
    private IngestEmbedder embedder = embedder();

    private EmbeddingQueue queue() {
        return new EmbeddingQueue(model, new EmbeddingQueueSettings(100, 10, 8, 256, 1, 1, 0, 0));
    }

    private IngestEmbedder embedder() {
        return new IngestEmbedder(
                queue,
                new TextVectorCache(10_000),
                kit.<EmbeddingBacklog.Command>createTestProbe().getRef());
    }

    @AfterEach
    void startAnew() {
        model.release();
        queue.close();
        model = new FakeModel();
        queue = queue();
        embedder = embedder();
    }

    @AfterAll
    void shutDown() {
        queue.close();
        kit.shutdownTestKit();
    }

    private CompletionStage<List<UnitVector>> embed(long seq, String text) {
        Message message = new Message("m" + seq, seq, Role.USER, null, text, Instant.EPOCH, Instant.EPOCH, null, 1);
        UnitKey key = new UnitKey("s", seq, 0);
        return embedder.embed("u", List.of(new MemoryUnit(key, message, text, 1, null)))
                .orElseThrow();
    }

    private static List<UnitVector> get(CompletionStage<List<UnitVector>> vectors) throws Exception {
        return vectors.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void embedsATextOnceThatIsSaidTwice() throws Exception {
        get(embed(1, "thanks"));
        List<UnitVector> again = get(embed(2, "thanks"));
        assertThat(again).singleElement().satisfies(vector -> {
            assertThat(vector.key().seq()).isEqualTo(2);
            assertThat(vector.vector()).isEqualTo(FakeModel.vectorOf("thanks"));
        });
        assertThat(model.embedded()).containsEntry("thanks", 1);
    }

    @Test
    void knowsNothingOfWhatWasRemoved() throws Exception {
        get(embed(1, "a secret"));
        embedder.forgetTexts();
        get(embed(2, "a secret"));
        assertThat(model.embedded()).containsEntry("a secret", 2);
    }

    @Test
    void keepsNothingThatWasBeingEmbeddedWhenATextWasRemoved() throws Exception {
        model.hold();
        CompletionStage<List<UnitVector>> first = embed(1, "a secret");
        model.awaitHeld();
        embedder.forgetTexts();
        model.release();
        get(first);
        get(embed(2, "a secret"));
        assertThat(model.embedded()).containsEntry("a secret", 2);
    }

    @Test
    void takesAKnownTextForWhatWaitsInTheStoreButKeepsNothingOfIt() throws Exception {
        get(embed(1, "thanks"));
        var known = embedder.embedPending(List.of(new PendingUnit("u", new UnitKey("s", 2, 0), "thanks")));
        assertThat(known.values())
                .singleElement()
                .satisfies(vector -> assertThat(vector.join()).isNotNull());
        var other = embedder.embedPending(List.of(new PendingUnit("u", new UnitKey("s", 3, 0), "read before")));
        IngestEmbedder.all(other.values()).toCompletableFuture().get(20, TimeUnit.SECONDS);
        get(embed(4, "read before"));
        assertThat(model.embedded()).containsEntry("thanks", 1).containsEntry("read before", 2);
    }
}
