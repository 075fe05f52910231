package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.Layer;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.junit.jupiter.api.Test;

/** What a session says of its layers, and when it answers who waits for one. */
class LayerProgressTest extends SessionActorTestBase {
    private static final Duration LONG = Duration.ofMinutes(10);

    @Test
    void flushesAtOnceForWhoWaitsAndAnswersWhenTheStoreHasIt() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        long wait = stage.send(new AwaitLayer(Layer.M0, 2, LONG));
        Submit submit = stage.submitted();
        stage.write(submit);
        assertThat(stage.unasked()).noneMatch(LayerProgressTest::isAnswer);

        stage.acknowledge(submit);
        assertThat(stage.answer(wait)).isEqualTo(new WatermarksRead(new Watermarks(2, 2, 2, 0)));
    }

    @Test
    void answersAtOnceWhatIsReached() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.send(new AwaitLayer(Layer.M0, 1, LONG));
        stage.storeNext();

        assertThat(stage.ask(new AwaitLayer(Layer.M0, 1, LONG))).isInstanceOf(WatermarksRead.class);
        assertThat(stage.hasSubmitted()).isFalse();
    }

    @Test
    void waitsForEmbeddingsThatComeAfterTheFlush() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        long wait = stage.send(new AwaitLayer(Layer.M1, 2, LONG));
        stage.storeNext();
        assertThat(stage.unasked()).noneMatch(LayerProgressTest::isAnswer);

        store(stage, 1);
        assertThat(stage.unasked()).noneMatch(LayerProgressTest::isAnswer);
        store(stage, 2);
        assertThat(stage.answer(wait)).isEqualTo(new WatermarksRead(new Watermarks(2, 2, 2, 2)));
    }

    @Test
    void knowsWithoutAskingThatAFlushCarriedItsEmbeddings() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.embedder.order(0).complete();
        stage.hear(said -> said instanceof SessionReport report
                && report.changes().stream().anyMatch(change -> change instanceof VectorsReady));
        long wait = stage.send(new AwaitLayer(Layer.M1, 1, LONG));
        stage.storeNext();

        assertThat(stage.answer(wait)).isEqualTo(new WatermarksRead(new Watermarks(1, 1, 1, 1)));
    }

    @Test
    void fallsBackWhenAChangedMessageWaitsForANewEmbedding() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b", "c"));
        stage.send(new AwaitLayer(Layer.M0, 3, LONG));
        stage.storeNext();
        store(stage, 1, 2, 3);
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 3)));

        stage.ask(new UpdateMessages(List.of("b"), List.of(says("b", "new")), NOW));
        stage.storeNext();
        assertThat(stage.collect().state()).isNotNull();
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 1)));
    }

    @Test
    void answersWithWhatIsReachedWhenTheTimeIsOver() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        long wait = stage.send(new AwaitLayer(Layer.M0, 1, Duration.ofSeconds(3)));
        Submit submit = stage.submitted();
        stage.collect();
        stage.time.timePasses(Duration.ofSeconds(3));
        assertThat(stage.answer(wait)).isEqualTo(new WatermarksRead(new Watermarks(1, 1, 0, 0)));

        stage.store(submit);
        stage.collect();
        assertThat(stage.unasked()).noneMatch(LayerProgressTest::isAnswer);
    }

    @Test
    void asksTheStoreBeforeAWaitForEmbeddingsIsOver() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        long wait = stage.send(new AwaitLayer(Layer.M1, 1, Duration.ofSeconds(3)));
        stage.storeNext();
        stage.ask(new ReadWatermarks());
        String text = "content of a";
        stage.store.storeVectors(List.of(
                new UnitVector(Samples.USER, new UnitKey(Samples.SESSION, 1, 0), text, Samples.vectorOf(text))));

        stage.time.timePasses(Duration.ofSeconds(3));
        assertThat(stage.answer(wait)).isEqualTo(new WatermarksRead(new Watermarks(1, 1, 1, 1)));
    }

    @Test
    void readsWatermarksAfterARestartAsTheStoreHasThem() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new AwaitLayer(Layer.M0, 2, LONG));
        stage.storeNext();
        store(stage, 1);
        stage.restart();

        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(2, 2, 2, 1)));
    }

    @Test
    void tellsHowFarTheLayersAreInAnswersToAppendsAfterARestart() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new AwaitLayer(Layer.M0, 2, LONG));
        stage.storeNext();
        store(stage, 1);
        extract(stage, 2);
        stage.restart();

        Watermarks reached = new Watermarks(2, 2, 2, 1, 2);
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!((Appended) stage.ask(round("a", "b"))).watermarks().equals(reached)) {
            assertThat(System.nanoTime()).as("the watermarks are " + reached).isLessThan(deadlineNanos);
        }
    }

    @Test
    void saysHowFarTheFactsHaveCome() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b", "c"));
        stage.send(new AwaitLayer(Layer.M0, 3, LONG));
        stage.storeNext();
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 0, 0)));
        assertThat(stage.timesFlushed).hasValue(1);

        extract(stage, 2);
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 0, 2)));
        extract(stage, 10);
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 0, 3)));

        stage.ask(new UpdateMessages(List.of("b"), List.of(says("b", "new")), NOW.plusSeconds(1)));
        stage.storeNext();
        assertThat(stage.collect().state()).isNotNull();
        assertThat(stage.ask(new ReadWatermarks())).isEqualTo(new WatermarksRead(new Watermarks(3, 3, 3, 0, 1)));
    }

    /** The backlog extracts facts of the next messages. */
    private static void extract(SessionStage stage, int messages) {
        stage.store
                .facts()
                .waiting(1, messages, 1_000_000, Set.of())
                .forEach(batch -> stage.store.facts().store(batch, List.of(), "test/1"));
    }

    /** The backlog stores embeddings and says so. */
    private static void store(SessionStage stage, long... seqs) {
        for (long seq : seqs) {
            String text = "content of " + (char) ('a' + seq - 1);
            UnitKey key = new UnitKey(Samples.SESSION, seq, 0);
            stage.store.storeVectors(List.of(new UnitVector(Samples.USER, key, text, Samples.vectorOf(text))));
        }
        stage.session.tell(new SessionActor.VectorsStored());
    }

    private static boolean isAnswer(Object said) {
        return said instanceof SessionReport report && report.reply() instanceof WatermarksRead;
    }
}
