package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.Samples.vectorOf;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol.Appended;
import org.junit.jupiter.api.Test;

/** Where the embeddings of a session's messages go, whenever they are ready. */
class SessionEmbeddingTest extends SessionActorTestBase {
    private static final UnitKey FIRST = key(1);
    private static final UnitKey SECOND = key(2);

    @Test
    void writesAnEmbeddingThatIsReadyWithItsFlush() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);
        Submit submit = flush(stage);

        assertThat(submit.flush().units())
                .extracting(MemoryUnit::vector)
                .containsExactly(vectorOf("content of a"), vectorOf("content of b"));
        stage.store(submit);
        stage.collect();
        assertThat(stage.embedder.released()).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(stage.embedder.late()).isEmpty();
        assertThat(stage.embedder.pendingCalls()).isZero();
        assertThat(stage.embedder.orders()).hasSize(1);
    }

    @Test
    void tellsTheIndexOfAnEmbedding() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.embedder.order(0).complete();

        SessionReport report = (SessionReport) stage.hear(SessionEmbeddingTest::isVectorsReady);
        assertThat(((VectorsReady) report.changes().get(0)).vectors())
                .extracting(UnitVector::key)
                .containsExactly(FIRST);
    }

    @Test
    void storesAnEmbeddingBehindTheFlushThatGoesWithoutIt() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        Submit submit = flush(stage);
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);
        assertThat(submit.flush().units()).extracting(MemoryUnit::vector).containsOnlyNulls();
        assertThat(stage.embedder.late()).isEmpty();

        stage.store(submit);
        stage.collect();
        assertThat(stage.embedder.late()).extracting(UnitVector::key).containsExactly(FIRST);
        assertThat(stage.embedder.released()).isEmpty();
        assertThat(stage.embedder.pendingCalls()).isZero();
    }

    @Test
    void storesAnEmbeddingThatComesAfterTheFlush() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.store(flush(stage));
        stage.collect();
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);

        assertThat(stage.embedder.late()).extracting(UnitVector::key).containsExactly(FIRST);
        assertThat(stage.embedder.pendingCalls()).isZero();
    }

    @Test
    void pointsOutWhatWasFlushedWithoutAnybodyEmbeddingIt() {
        SessionStage stage = stage(settings());
        stage.embedder.shed();
        stage.ask(round("a"));
        Submit submit = flush(stage);
        assertThat(stage.embedder.pendingCalls()).isZero();

        stage.store(submit);
        stage.collect();
        assertThat(stage.embedder.pendingCalls()).isEqualTo(1);
    }

    @Test
    void pointsOutWhatCouldNotBeEmbedded() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.store(flush(stage));
        stage.collect();
        assertThat(stage.embedder.pendingCalls()).isZero();
        stage.embedder.order(0).completeEmpty();
        stage.hear(SessionEmbeddingTest::isVectorsReady);

        assertThat(stage.embedder.pendingCalls()).isEqualTo(1);
        assertThat(stage.embedder.released()).containsExactly(FIRST);
    }

    @Test
    void embedsTheNewTextOfAChangedMessage() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.ask(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW));
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);
        stage.embedder.order(1).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);

        assertThat(flush(stage).flush().units()).extracting(MemoryUnit::vector).containsExactly(vectorOf("new"));
    }

    @Test
    void writesTheEmbeddingOfAPendingChangeWithTheChange() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        Submit first = flush(stage);
        stage.ask(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW));
        stage.embedder.order(1).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);
        stage.store(first);

        assertThat(stage.submitted().flush().units())
                .extracting(MemoryUnit::vector)
                .containsExactly(vectorOf("new"));
    }

    @Test
    void doesNotKeepTheEmbeddingOfADeletedMessage() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.ask(new DeleteMessages(List.of("a")));
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);

        assertThat(flush(stage).flush().units())
                .extracting(MemoryUnit::key, MemoryUnit::vector)
                .containsExactly(tuple(SECOND, vectorOf("content of b")));
    }

    @Test
    void embedsWhatItFindsUnflushedAfterARestart() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.store(flush(stage));
        stage.ask(round("b"));
        stage.restart();
        stage.collect();

        assertThat(stage.embedder.released()).containsExactlyInAnyOrder(FIRST, SECOND);
        assertThat(stage.embedder.orders()).hasSize(3);
        assertThat(stage.embedder.order(2).units()).extracting(MemoryUnit::key).containsExactly(SECOND);
    }

    @Test
    void releasesLateEmbeddingsWhenItStops() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        flush(stage);
        stage.embedder.order(0).complete();
        stage.hear(SessionEmbeddingTest::isVectorsReady);
        stage.restart();

        assertThat(stage.embedder.released()).containsExactly(FIRST);
        assertThat(stage.embedder.late()).isEmpty();
    }

    @Test
    void answersAnAppendWhenItsEmbeddingIsReadyWhereItIsToWait() {
        SessionStage stage = stage(settings().waitForEmbedding());
        long append = stage.send(round("a"));
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.reply() != null);
        assertThat(stage.contents()).containsExactly("content of a");
        stage.embedder.order(0).complete();

        assertThat(stage.hear(said ->
                        said instanceof SessionReport report && (isVectorsReady(said) || report.ticket() == append)))
                .matches(SessionEmbeddingTest::isVectorsReady);
        assertThat(stage.answer(append)).isInstanceOf(Appended.class);
    }

    @Test
    void answersAnAppendAtOnceWhenThereIsNobodyToWaitFor() {
        SessionStage stage = stage(settings().waitForEmbedding());
        stage.embedder.shed();

        assertThat(stage.ask(round("a"))).isInstanceOf(Appended.class);
    }

    @Test
    void answersAnAppendWhenItsEmbeddingFails() {
        SessionStage stage = stage(settings().waitForEmbedding());
        long append = stage.send(round("a"));
        stage.collect();
        stage.embedder.order(0).vectors().completeExceptionally(new IllegalStateException("scripted"));

        assertThat(stage.answer(append)).isInstanceOf(Appended.class);
    }

    private static Submit flush(SessionStage stage) {
        stage.send(new FlushNow());
        return stage.submitted();
    }

    private static boolean isVectorsReady(Object said) {
        return said instanceof SessionReport report
                && report.changes().stream().anyMatch(change -> change instanceof VectorsReady);
    }

    private static UnitKey key(long seq) {
        return new UnitKey(Samples.SESSION, seq, 0);
    }
}
