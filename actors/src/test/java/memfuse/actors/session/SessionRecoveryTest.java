package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.PERSISTENCE_ID;
import static memfuse.actors.session.Samples.appended;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SessionStage.contentsOf;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.flush.FlushProtocol.Withdraw;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.junit.jupiter.api.Test;

/** What a session is after its actor was lost. */
class SessionRecoveryTest extends SessionActorTestBase {
    /** Longer than a recovered session waits before it flushes. */
    private static final Duration SPREAD = Duration.ofSeconds(2);

    @Test
    void saysThatItIsCleanWhenItIs() {
        SessionStage stage = stage(settings());

        assertThat(stage.unasked())
                .containsExactly(new SessionReport(
                        Samples.SESSION,
                        SessionReport.UNASKED,
                        null,
                        List.of(),
                        new SessionReport.State(new Watermarks(0, 0, 0, 0), true)));
        stage.time.timePasses(Duration.ofHours(1));
        assertThat(stage.hasSubmitted()).isFalse();
    }

    @Test
    void findsTheMarkerAndWhatCameAfterIt() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.ask(round("c"));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.ask(round("d"));
        assertThat(stage.events()).containsOnlyKeys(2L, 3L).containsEntry(2L, new Flushed(3, 3));

        stage.restart();
        assertThat(stage.stateOfM0()).isEqualTo(new SessionReport.State(new Watermarks(4, 3, 3, 0), false));
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c", "d"));
        assertThat(((Appended) stage.ask(round("a", "e"))).totalMessages()).isEqualTo(5);
        assertThat(stage.events()).containsOnlyKeys(2L, 3L, 4L);
    }

    @Test
    void goesOnNumberingAfterAMarkerAlone() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.ask(new DeleteMessages(List.of("b")));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.collect();

        stage.restart();
        stage.ask(round("c"));
        assertThat(stage.history()).extracting(Message::seq).containsExactly(1L, 3L);
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        assertThat(submit.flush().upToJournalSeq()).isEqualTo(3);
        stage.store(submit);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "c"));
    }

    @Test
    void flushesWhatItFindsUnflushedSoon() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.restart();
        assertThat(stage.hasSubmitted()).isFalse();
        stage.time.timePasses(SPREAD);

        stage.storeNext();
        assertThat(stage.stateOfM0()).isEqualTo(new SessionReport.State(new Watermarks(1, 1, 1, 0), true));
        assertThat(stage.stored()).isEqualTo(contentsOf("a"));
    }

    @Test
    void tellsTheIndexAllThatIsNotStored() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.ask(round("c"));
        stage.ask(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW));
        stage.ask(new DeleteMessages(List.of("b")));
        stage.restart();

        SessionReport first = stage.report(SessionReport.UNASKED);
        assertThat(first.changes()).isEqualTo(stage.collect().changes()).hasSize(3);
        assertThat(((UnitsAdded) first.changes().get(0)).units())
                .extracting(MemoryUnit::text)
                .isEqualTo(contentsOf("c"));
        assertThat(((MessagesReplaced) first.changes().get(1)).units())
                .extracting(MemoryUnit::text)
                .containsExactly("new");
        assertThat(first.changes().get(2)).isEqualTo(new MessagesRemoved(Samples.SESSION, List.of(2L)));
        assertThat(first.state()).isEqualTo(new SessionReport.State(new Watermarks(3, 2, 2, 0), false));
    }

    @Test
    void withdrawsItsFlushWhenItStops() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.send(new FlushNow());
        stage.submitted();
        stage.session.tell(new SessionActor.Stop());

        assertThat(stage.hear(said -> said instanceof Withdraw)).isEqualTo(new Withdraw(Samples.SESSION));
        stage.startAnew();
        assertThat(stage.contents()).isEqualTo(contentsOf("a"));
    }

    @Test
    void flushesAgainWhereItsFormerSelfsFlushReachesTheStoreLate() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new FlushNow());
        Submit former = stage.submitted();
        stage.restart();
        stage.ask(new DeleteMessages(List.of("a")));
        stage.ask(round("c"));
        stage.write(former);
        stage.acknowledge(former);
        assertThat(stage.stateOfM0()).isEqualTo(new SessionReport.State(new Watermarks(3, 0, 0, 0), false));
        assertThat(stage.contents()).isEqualTo(contentsOf("b", "c"));

        stage.send(new FlushNow());
        stage.storeNext();
        stage.collect();
        stage.write(former);
        assertThat(stage.contents()).isEqualTo(contentsOf("b", "c"));
        assertThat(stage.stored()).isEqualTo(contentsOf("b", "c"));
        stage.restart();
        assertThat(stage.contents()).isEqualTo(contentsOf("b", "c"));
    }

    @Test
    void readsAJournalThatIsTrimmedWhileItStarts() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.ask(round("c"));
        stage.send(new FlushNow());
        Submit former = stage.submitted();
        stage.journal.beforeNextReplay(() -> stage.write(former));
        stage.restart();

        assertThat(stage.stateOfM0()).isEqualTo(new SessionReport.State(new Watermarks(3, 3, 3, 0), true));
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c"));
    }

    @Test
    void refusesToStartWhereEventsAreMissing() {
        SessionStage stage = stage(settings());
        stage.session.tell(new SessionActor.Stop());
        stage.awaitEnd();
        stage.journal.put(PERSISTENCE_ID, 1, appended(1, 1));
        stage.journal.put(PERSISTENCE_ID, 3, appended(2, 2));
        stage.startAnew();
        stage.awaitEnd();

        stage.journal.put(PERSISTENCE_ID, 2, new Flushed(1, 1));
        stage.startAnew();
        assertThat(stage.stateOfM0()).isEqualTo(new SessionReport.State(new Watermarks(2, 1, 1, 0), false));
    }

    @Test
    void refusesToStartWhereTheReplayEndsBeforeTheLastEvent() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.ask(round("b"));
        stage.journal.beforeNextReplay(() -> stage.journal.remove(PERSISTENCE_ID, 2));
        stage.session.tell(new SessionActor.Stop());
        stage.startAnew();

        stage.awaitEnd();
    }

    @Test
    void answersARepeatedKeyAlikeAfterRestartsAndFlushes() {
        SessionStage stage = stage(settings().roundBuffer(1000, 2));
        AppendRound append = new AppendRound(round("a", "b").messages(), NOW, new IdempotencyKey("k", "f"));
        stage.ask(round("x"));
        stage.ask(round("y"));
        Reply first = stage.ask(append);
        assertThat(stage.ask(append)).isEqualTo(first);

        stage.restart();
        assertThat(stage.ask(append)).isEqualTo(first);
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        stage.write(submit);
        stage.restart();
        assertThat(stage.ask(append)).isEqualTo(first);
        assertThat(((Refused) stage.ask(new AppendRound(append.messages(), NOW, new IdempotencyKey("k", "g")))).code())
                .isEqualTo(ErrorCode.CONFLICT);
        assertThat(stage.contents()).isEqualTo(contentsOf("x", "y", "a", "b"));
    }
}
