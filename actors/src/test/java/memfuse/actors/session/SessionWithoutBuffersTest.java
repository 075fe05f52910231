package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import org.junit.jupiter.api.Test;

/** Where buffers are off, a round goes straight to the layers. */
class SessionWithoutBuffersTest extends SessionActorTestBase {
    private static final BufferStatus NOTHING_BUFFERED = new BufferStatus(0, 0, 0, 0);
    private static final AppendRound WITH_KEY =
            new AppendRound(List.of(says("k", "content of k")), NOW, new IdempotencyKey("key", "print"));

    @Test
    void saysThatNothingIsBufferedAndThatTheLayersHaveIt() {
        SessionStage stage = stage(settings().unbuffered());
        long first = stage.send(round("a", "b"));
        stage.storeNext();
        assertThat(stage.answer(first))
                .isEqualTo(new Appended(List.of("a", "b"), false, 2, NOTHING_BUFFERED, new Watermarks(2, 2, 2, 0)));

        long keyed = stage.send(WITH_KEY);
        stage.storeNext();
        assertThat(stage.answer(keyed))
                .isEqualTo(new Appended(List.of("k"), false, 3, NOTHING_BUFFERED, new Watermarks(3, 3, 3, 0)));
        assertThat(stage.history(true)).isEmpty();
        assertThat(stage.stored()).hasSize(3);
    }

    @Test
    void answersARepetitionNoSoonerThanTheFirstTime() {
        SessionStage stage = stage(settings().unbuffered());
        long keyed = stage.send(WITH_KEY);
        Submit submit = stage.submitted();
        long keyedAgain = stage.send(WITH_KEY);
        long byIdAgain = stage.send(round(says("k", "content of k")));
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.reply() != null);

        stage.store(submit);
        Appended first = (Appended) stage.answer(keyed);
        assertThat(stage.answer(keyedAgain)).isEqualTo(first);
        assertThat(((Appended) stage.answer(byIdAgain)).messageIds()).isEqualTo(first.messageIds());
        assertThat(stage.ask(WITH_KEY)).isEqualTo(first);
        assertThat(stage.stored()).containsExactly("content of k");
    }

    @Test
    void waitsForTheEmbeddingTooWhereAppendsDo() {
        SessionStage stage = stage(settings().unbuffered().waitForEmbedding());
        long append = stage.send(round("a"));
        assertThat(stage.hasSubmitted()).isFalse();

        stage.embedder.order(0).complete();
        Submit submit = stage.submitted();
        assertThat(submit.flush().units()).allMatch(unit -> unit.vector() != null);
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.reply() != null);
        stage.store(submit);
        assertThat(stage.answer(append)).isInstanceOf(Appended.class);
    }
}
