package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SessionStage.contentsOf;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import memfuse.actors.flush.FlushCoordinator;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.flush.FlushSettings;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.flush.FlushProtocol.FlushStored;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.testkit.StoreFaults;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** When a session flushes, and what it shows meanwhile. */
class SessionFlushTest extends SessionActorTestBase {
    private static final Duration INTERVAL = Duration.ofSeconds(30);

    @Test
    void flushesAnIdleSessionByTimeUnderEachStrategy() {
        for (FlushStrategy strategy : FlushStrategy.values()) {
            SessionStage stage = stage(settings().flush(strategy, INTERVAL));
            stage.ask(round("a"));
            stage.pass(INTERVAL.minusMillis(1));
            assertThat(stage.hasSubmitted()).as(strategy.name()).isFalse();

            stage.pass(Duration.ofMillis(1));
            stage.storeNext();
            assertThat(stage.collect().state()).isEqualTo(new SessionReport.State(new Watermarks(1, 1, 1, 0), true));
            endSessions();
        }
    }

    @Test
    void flushesTheOldestRoundInTimeHoweverManyFollow() {
        for (FlushStrategy strategy : List.of(FlushStrategy.TIME_BASED, FlushStrategy.HYBRID)) {
            SessionStage stage = stage(settings().flush(strategy, INTERVAL));
            stage.ask(round("a"));
            stage.pass(INTERVAL.minusMillis(1));
            stage.ask(round("b"));
            stage.pass(Duration.ofMillis(1));

            assertThat(stage.submitted().flush().appended()).hasSize(2);
            endSessions();
        }
    }

    @Test
    void waitsForSilenceWhereOnlyTheSizeCounts() {
        SessionStage stage = stage(settings().flush(FlushStrategy.SIZE_BASED, INTERVAL));
        stage.ask(round("a"));
        stage.pass(INTERVAL.minusMillis(1));
        stage.ask(round("b"));
        stage.pass(INTERVAL.minusMillis(1));
        assertThat(stage.hasSubmitted()).isFalse();
        stage.pass(Duration.ofMillis(1));

        assertThat(stage.submitted().flush().appended()).hasSize(2);
    }

    @Test
    void flushesAFullHybridBufferUnlessOnlyTimeCounts() {
        for (FlushStrategy strategy : FlushStrategy.values()) {
            SessionStage stage =
                    stage(settings().roundBuffer(100, 1).hybridMaxSize(2).flush(strategy, INTERVAL));
            stage.ask(round("a"));
            stage.ask(round("b"));
            assertThat(stage.hasSubmitted()).isFalse();
            stage.ask(round("c"));

            assertThat(stage.hasSubmitted()).as(strategy.name()).isEqualTo(strategy != FlushStrategy.TIME_BASED);
            if (strategy != FlushStrategy.TIME_BASED) {
                assertThat(stage.submitted().flush().appended()).hasSize(2);
            }
            endSessions();
        }
    }

    @Test
    void flushesEverythingWhenItIsToldTo() {
        SessionStage stage = stage(settings());
        assertThat(stage.ask(new FlushNow())).isEqualTo(new FlushCompleted(1));
        stage.ask(round("a"));
        stage.ask(round("b"));
        long flush = stage.send(new FlushNow());
        Submit submit = stage.submitted();
        stage.write(submit);
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.ticket() == flush);

        stage.acknowledge(submit);
        assertThat(stage.answer(flush)).isEqualTo(new FlushCompleted(1));
        assertThat(stage.stored()).isEqualTo(contentsOf("a", "b"));
        assertThat(stage.events()).containsOnlyKeys(2L).containsEntry(2L, new Flushed(2, 2));
    }

    @Test
    void flushesWhatCameDuringAFlushBeforeItAnswers() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        long first = stage.send(new FlushNow());
        Submit underWay = stage.submitted();
        stage.ask(round("b"));
        long second = stage.send(new FlushNow());
        assertThat(stage.hasSubmitted()).isFalse();

        stage.store(underWay);
        assertThat(stage.answer(first)).isEqualTo(new FlushCompleted(1));
        Submit next = stage.submitted();
        assertThat(stage.unasked())
                .noneMatch(said -> said instanceof SessionReport report && report.ticket() == second);
        stage.store(next);
        assertThat(stage.answer(second)).isEqualTo(new FlushCompleted(1));
    }

    @Test
    void flushesAfterTheOneUnderWayWhenTimeIsUpMeanwhile() {
        SessionStage stage = stage(settings().flush(FlushStrategy.TIME_BASED, INTERVAL));
        stage.ask(round("a"));
        stage.pass(INTERVAL);
        Submit first = stage.submitted();
        stage.ask(round("b"));
        stage.pass(INTERVAL);
        assertThat(stage.hasSubmitted()).isFalse();

        stage.store(first);
        assertThat(stage.submitted().flush().appended()).extracting(Message::id).containsExactly("b");
    }

    @Test
    void doesNotPutOffWhatIsDueBecauseAFlushEnds() {
        SessionStage stage = stage(settings().flush(FlushStrategy.TIME_BASED, INTERVAL));
        stage.ask(round("a"));
        stage.pass(INTERVAL);
        Submit first = stage.submitted();
        stage.ask(round("b"));
        stage.pass(INTERVAL.minusMillis(1));
        stage.store(first);
        assertThat(stage.hasSubmitted()).isFalse();

        stage.pass(Duration.ofMillis(1));
        assertThat(stage.submitted().flush().appended()).extracting(Message::id).containsExactly("b");
    }

    @Test
    void flushesEarlyWhenHalfOfWhatMayBeUnflushedIs() {
        SessionStage stage = stage(settings().highWater(6, 1_000_000).flush(FlushStrategy.TIME_BASED, INTERVAL));
        stage.ask(round("a", "b"));
        assertThat(stage.hasSubmitted()).isFalse();
        stage.ask(round("c"));

        Submit submit = stage.submitted();
        assertThat(submit.flush().appended()).hasSize(3);
        stage.ask(round("d", "e", "f"));
        stage.store(submit);
        assertThat(stage.submitted().flush().appended()).hasSize(3);
    }

    @Test
    void flushesAtOnceWhenItHasToRefuse() {
        SessionStage stage = stage(settings().highWater(6, 1_000_000).flush(FlushStrategy.TIME_BASED, INTERVAL));
        stage.ask(round("a"));
        assertThat(((Refused) stage.ask(round("b", "c", "d", "e", "f", "g"))).code())
                .isEqualTo(ErrorCode.OVERLOADED);

        stage.storeNext();
        assertThat(stage.ask(round("b", "c", "d", "e", "f", "g"))).isInstanceOf(Appended.class);
    }

    @Test
    void showsEveryMessageOnceAtEachMomentOfAFlush() {
        SessionStage stage = stage(settings().roundBuffer(100, 1));
        stage.ask(round("a", "b"));
        stage.ask(round("c"));
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        stage.ask(round("d"));
        stage.ask(round("e"));
        List<String> all = contentsOf("a", "b", "c", "d", "e");

        assertThat(stage.contents()).isEqualTo(all);
        stage.write(submit);
        assertThat(stage.contents()).isEqualTo(all);
        assertThat(stage.history(true)).hasSize(5);
        stage.acknowledge(submit);
        stage.collect();
        assertThat(stage.contents()).isEqualTo(all);
        assertThat(stage.history(true)).extracting(Message::id).containsExactly("d", "e");
    }

    @Test
    void showsEveryMessageOnceWhenAFlushEndsDuringTheRead() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.ask(round("c"));
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        stage.storeExecutor.hold();
        long read = stage.send(new ReadHistory(new HistoryRequest(10, SortBy.TIMESTAMP, false, false)));
        stage.collect();
        stage.store(submit);
        stage.collect();
        stage.storeExecutor.release();

        assertThat(((MessagesRead) stage.answer(read)).messages())
                .extracting(Message::id)
                .containsExactly("a", "b", "c");
    }

    @Test
    void changesMessagesThatAreBeingFlushed() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b", "c"));
        stage.send(new FlushNow());
        Submit submit = stage.submitted();

        assertThat(stage.ask(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW)))
                .isEqualTo(new MessagesChanged(List.of("a")));
        assertThat(stage.ask(new DeleteMessages(List.of("b")))).isEqualTo(new MessagesChanged(List.of("b")));
        assertThat(((Appended) stage.ask(round(says("b", "again")))).totalMessages())
                .isEqualTo(3);
        List<String> all = List.of("new", "content of c", "again");
        assertThat(stage.contents()).isEqualTo(all);
        stage.write(submit);
        assertThat(stage.contents()).isEqualTo(all);
        stage.acknowledge(submit);
        Submit changes = stage.submitted();
        assertThat(stage.contents()).isEqualTo(all);
        stage.write(changes);
        assertThat(stage.contents()).isEqualTo(all);
        stage.acknowledge(changes);
        assertThat(stage.contents()).isEqualTo(all);
        assertThat(stage.stored()).isEqualTo(all);
        assertThat(stage.collect().state()).isEqualTo(new SessionReport.State(new Watermarks(4, 4, 4, 0), true));
    }

    @Test
    void flushesAChangeOfAStoredMessageAtOnce() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.ask(new DeleteMessages(List.of("a")));

        assertThat(stage.submitted().flush().deleted()).containsExactly(1L);
    }

    @Test
    void trimsTheJournalOfMessagesThatWereDeletedBeforeAnyFlush() {
        SessionStage stage = stage(settings().flush(FlushStrategy.HYBRID, INTERVAL));
        stage.ask(round("a"));
        stage.ask(new DeleteMessages(List.of("a")));
        stage.pass(INTERVAL);
        stage.storeNext();

        assertThat(stage.collect().state()).isEqualTo(new SessionReport.State(new Watermarks(1, 1, 1, 1), true));
        assertThat(stage.events()).containsOnlyKeys(2L).containsEntry(2L, new Flushed(1, 0));
        assertThat(stage.stored()).isEmpty();
    }

    @Test
    void ignoresAnAnswerToAnotherFlush() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        submit.replyTo().tell(new FlushStored(Samples.SESSION, 17));
        assertThat(stage.collect().state()).isEqualTo(new SessionReport.State(new Watermarks(1, 1, 0, 0), false));

        stage.store(submit);
        stage.acknowledge(submit);
        assertThat(stage.collect().state()).isEqualTo(new SessionReport.State(new Watermarks(1, 1, 1, 0), true));
    }

    @Test
    void answersOnlyWhenTheLayersHaveItWhereBuffersAreOff() {
        SessionStage stage = stage(settings().unbuffered());
        long first = stage.send(round("a"));
        Submit submit = stage.submitted();
        long second = stage.send(round("b"));
        long change = stage.send(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW));
        stage.write(submit);
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.reply() != null);
        assertThat(stage.contents()).containsExactly("new", "content of b");

        stage.acknowledge(submit);
        assertThat(stage.answer(first)).isInstanceOf(Appended.class);
        Submit next = stage.submitted();
        assertThat(stage.unasked()).noneMatch(said -> said instanceof SessionReport report && report.reply() != null);
        stage.store(next);
        assertThat(stage.answer(second)).isInstanceOf(Appended.class);
        assertThat(stage.answer(change)).isEqualTo(new MessagesChanged(List.of("a")));
        assertThat(stage.stored()).containsExactly("new", "content of b");
    }

    @Test
    void comesThroughAStoreThatFailsHoldsAndForgetsToAnswer() {
        SessionStage stage = stage(settings());
        FlushSettings quick = new FlushSettings(1, 100, Duration.ofMillis(1), Duration.ofMillis(2));
        ActorTestKit realTime = ActorTestKit.create(ConfigFactory.parseString("pekko.loglevel = OFF"));
        try {
            ActorRef<FlushProtocol.Command> coordinator = realTime.spawn(
                    FlushCoordinator.create(quick, stage.store::flush, ForkJoinPool.commonPool(), new FlushCounters()));
            stage.ask(round("a", "b"));
            long flush = stage.send(new FlushNow());
            stage.store.faults().failNextFlushes(2);
            stage.store.faults().loseAcknowledgements(1);
            StoreFaults.Hold hold = stage.store.faults().holdFlushes();
            coordinator.tell(stage.submitted());
            hold.awaitFlush();
            stage.ask(round("c"));
            assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c"));
            hold.release();

            assertThat(stage.answer(flush)).isEqualTo(new FlushCompleted(1));
            assertThat(stage.stored()).isEqualTo(contentsOf("a", "b"));
            assertThat(stage.store.written()).hasSize(1);
            assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c"));
        } finally {
            realTime.shutdownTestKit();
        }
    }
}
