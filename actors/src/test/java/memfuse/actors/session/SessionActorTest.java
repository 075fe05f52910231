package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SessionStage.contentsOf;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.flush.FlushProtocol.Withdraw;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.junit.jupiter.api.Test;

/** What a session answers, and when. */
class SessionActorTest extends SessionActorTestBase {
    @Test
    void answersARoundWithWhatBecameOfIt() {
        SessionStage stage = stage(settings());

        assertThat(stage.ask(round("a", "b")))
                .isEqualTo(new Appended(
                        List.of("a", "b"), false, 2, new BufferStatus(1, 20, 0, 0), new Watermarks(2, 0, 0, 0)));
        assertThat(stage.events()).hasSize(1).containsKey(1L);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b"));
    }

    @Test
    void saysWhetherARoundMovedRoundsOn() {
        SessionStage stage = stage(settings().roundBuffer(20, 5));

        assertThat(transfers(stage.ask(round("a", "b")))).isFalse();
        assertThat(transfers(stage.ask(round("c")))).isTrue();
        assertThat(transfers(stage.ask(round("d")))).isFalse();
        assertThat(transfers(stage.ask(round("e", "f", "g")))).isTrue();
        assertThat(transfers(stage.ask(round("e")))).isFalse();
    }

    @Test
    void answersOnlyWhenTheJournalHasTheRound() {
        SessionStage stage = stage(settings());
        stage.journal.holdWrites();
        long append = stage.send(round("a"));
        long read = stage.send(new ReadMessages(List.of("a")));
        long flush = stage.send(new FlushNow());

        stage.journal.releaseWrites();
        Object first = stage.hear(said -> said instanceof SessionReport report && report.ticket() > 0);
        assertThat(((SessionReport) first).ticket()).isEqualTo(append);
        assertThat(stage.answer(read)).isInstanceOf(MessagesRead.class);
        stage.storeNext();
        assertThat(stage.answer(flush)).isEqualTo(new FlushCompleted(1));
    }

    @Test
    void tellsTheIndexTogetherWithTheAnswer() {
        SessionStage stage = stage(settings());
        SessionReport appended = stage.report(stage.send(round(says("a", "one|two"))));
        assertThat(appended.changes())
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        UnitsAdded.class,
                        added -> assertThat(added.units())
                                .extracting(MemoryUnit::text)
                                .containsExactly("one", "two"));
        assertThat(appended.state()).isEqualTo(new SessionReport.State(new Watermarks(1, 0, 0, 0), false));

        SessionReport updated =
                stage.report(stage.send(new UpdateMessages(List.of("a"), List.of(says("a", "three")), NOW)));
        assertThat(updated.changes())
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        MessagesReplaced.class,
                        replaced -> assertThat(replaced.units())
                                .extracting(MemoryUnit::text)
                                .containsExactly("three"));

        SessionReport deleted = stage.report(stage.send(new DeleteMessages(List.of("a"))));
        assertThat(deleted.changes()).containsExactly(new MessagesRemoved(Samples.SESSION, List.of(1L), List.of("a")));
    }

    @Test
    void stopsWhenTheJournalFailsAndKeepsWhatItAcknowledged() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.journal.failNextWrites(1);
        stage.send(round("b"));
        assertThat(stage.hear(said -> said instanceof Withdraw)).isEqualTo(new Withdraw(Samples.SESSION));

        stage.startAnew();
        assertThat(stage.contents()).isEqualTo(contentsOf("a"));
        assertThat(stage.ask(round("b"))).isInstanceOf(Appended.class);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b"));
    }

    @Test
    void addsNothingWhenARoundIsRepeatedWhoseAnswerTheJournalLost() {
        SessionStage stage = stage(settings());
        stage.journal.loseAcknowledgements(1);
        stage.send(round("a", "b"));

        stage.startAnew();
        assertThat(((Appended) stage.ask(round("a", "b"))).totalMessages()).isEqualTo(2);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b"));
    }

    @Test
    void recognisesAStoredMessage() {
        SessionStage stage = flushed("a", "b");

        assertThat(((Appended) stage.ask(round("a", "c"))).totalMessages()).isEqualTo(3);
        assertThat(refusal(stage.ask(round(says("b", "something else"))))).isEqualTo(ErrorCode.CONFLICT);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c"));
    }

    @Test
    void readsChangesAndRemovesStoredMessages() {
        SessionStage stage = flushed("a", "b", "c");
        stage.ask(round("d"));
        UpdateMessages update = new UpdateMessages(
                List.of("d", "b"), List.of(says("d", "new d"), says("b", "new b")), NOW.plusSeconds(1));

        assertThat(stage.ask(update)).isEqualTo(new MessagesChanged(List.of("d", "b")));
        assertThat(stage.ask(new DeleteMessages(List.of("a")))).isEqualTo(new MessagesChanged(List.of("a")));
        assertThat(stage.contents()).containsExactly("new b", "content of c", "new d");
        assertThat(((MessagesRead) stage.ask(new ReadMessages(List.of("d", "b")))).messages())
                .extracting(Message::content)
                .containsExactly("new d", "new b");
        assertThat(refusal(stage.ask(new ReadMessages(List.of("b", "a"))))).isEqualTo(ErrorCode.NOT_FOUND);

        stage.storeNext();
        stage.storeNext();
        assertThat(stage.stored()).containsExactly("new b", "content of c", "new d");
        assertThat(stage.contents()).containsExactly("new b", "content of c", "new d");
    }

    @Test
    void numbersItsEventsAsTheJournalDoesLiveAndInAReplay() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b"));
        stage.ask(new UpdateMessages(List.of("a"), List.of(says("a", "new")), NOW));
        stage.ask(new DeleteMessages(List.of("b")));
        assertThat(stage.events().values())
                .hasExactlyElementsOfTypes(RoundAppended.class, MessagesUpdated.class, MessagesDeleted.class);
        long flush = stage.send(new FlushNow());
        Submit live = stage.submitted();
        assertThat(live.flush().upToJournalSeq()).isEqualTo(3);

        stage.restart();
        long again = stage.send(new FlushNow());
        Submit replayed = stage.submitted();
        assertThat(replayed.flush()).isEqualTo(live.flush());
        assertThat(again).isGreaterThan(flush);
    }

    @Test
    void keepsTheOrderOfRequestsThatComeDuringALookUp() {
        SessionStage stage = flushed("a");
        stage.storeExecutor.hold();
        long first = stage.send(round("b"));
        long second = stage.send(round("c"));
        long third = stage.send(new DeleteMessages(List.of("b")));
        long fourth = stage.send(round("b"));
        long fifth = stage.send(round("d"));
        stage.storeExecutor.release();

        assertThat(messageTotals(stage, first, second)).containsExactly(2L, 3L);
        assertThat(stage.answer(third)).isEqualTo(new MessagesChanged(List.of("b")));
        assertThat(messageTotals(stage, fourth, fifth)).containsExactly(3L, 4L);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "c", "b", "d"));
    }

    @Test
    void refusesWhatItCannotLookUpAndGoesOn() {
        SessionStage stage = flushed("a");
        stage.store.faults().failNextOthers(1);
        stage.storeExecutor.hold();
        long first = stage.send(round("b"));
        long second = stage.send(round("c"));
        stage.storeExecutor.release();

        assertThat(stage.answer(first)).isInstanceOfSatisfying(Refused.class, refused -> {
            assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            assertThat(refused.text()).isEqualTo("the store does not answer: scripted: the call fails");
        });
        assertThat(stage.answer(second)).isInstanceOf(Appended.class);
        stage.store.faults().failNextOthers(1);
        assertThat(refusal(stage.ask(new ReadMessages(List.of("a"))))).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "c"));
    }

    @Test
    void refusesAHistoryThatItCannotRead() {
        SessionStage stage = flushed("a");
        stage.ask(round("b"));
        stage.store.faults().failNextOthers(1);

        assertThat(refusal(stage.ask(new ReadHistory(new HistoryRequest(10, SortBy.ID, true, false)))))
                .isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(stage.history(true)).extracting(Message::content).isEqualTo(contentsOf("b"));
    }

    @Test
    void saysHowLargeAnAnswerIsWithWhatIsBuffered() {
        SessionStage stage = flushed("a", "b");
        stage.ask(round("c"));
        HistoryRequest page = new HistoryRequest(10, SortBy.ID, true, false);
        long history = ((AnswerTooLarge) stage.ask(new ReadHistory(page, 1))).bytes();
        assertThat(((MessagesRead) stage.ask(new ReadHistory(page, history))).messages())
                .hasSize(3);

        List<String> ids = List.of("a", "b", "c");
        long read = ((AnswerTooLarge) stage.ask(new ReadMessages(ids, 1))).bytes();
        assertThat(((MessagesRead) stage.ask(new ReadMessages(ids, read))).messages())
                .hasSize(3);
    }

    @Test
    void knowsAMessageThatAFlushCarriesAwayDuringTheLookUp() {
        SessionStage stage = flushed("a");
        stage.ask(round("b"));
        stage.send(new FlushNow());
        Submit submit = stage.submitted();
        stage.storeExecutor.hold();
        long repeated = stage.send(round("b", "c"));
        long update =
                stage.send(new UpdateMessages(List.of("a", "b"), List.of(says("a", "new a"), says("b", "new b")), NOW));
        stage.store(submit);
        stage.storeExecutor.release();

        assertThat(((Appended) stage.answer(repeated)).totalMessages()).isEqualTo(3);
        assertThat(stage.answer(update)).isEqualTo(new MessagesChanged(List.of("a", "b")));
        assertThat(stage.contents()).containsExactly("new a", "new b", "content of c");
    }

    @Test
    void refusesARoundBeyondTheHighWaterMarkUntilItIsFlushed() {
        SessionStage stage = stage(settings().highWater(4, 1_000_000));
        stage.ask(round("a", "b", "c"));
        Submit submit = stage.submitted();

        assertThat(refusal(stage.ask(round("d", "e")))).isEqualTo(ErrorCode.OVERLOADED);
        assertThat(stage.ask(round("d"))).isInstanceOf(Appended.class);
        stage.store(submit);
        assertThat(stage.ask(round("e", "f", "g"))).isInstanceOf(Appended.class);
        assertThat(stage.contents()).isEqualTo(contentsOf("a", "b", "c", "d", "e", "f", "g"));
    }

    @Test
    void stopsOnlyWhenItIsClean() {
        SessionStage stage = stage(settings());
        stage.ask(round("a"));
        stage.unasked();
        stage.session.tell(new SessionActor.StopIfClean());
        assertThat(stage.unasked())
                .hasSize(1)
                .first()
                .isInstanceOfSatisfying(
                        SessionReport.class,
                        report -> assertThat(report.state())
                                .isEqualTo(new SessionReport.State(new Watermarks(1, 0, 0, 0), false)));

        stage.send(new FlushNow());
        stage.storeNext();
        stage.session.tell(new SessionActor.StopIfClean());
        stage.awaitEnd();
    }

    @Test
    void staysForALookUpThatIsUnderWay() {
        SessionStage stage = flushed("a");
        stage.storeExecutor.hold();
        long append = stage.send(round("b"));
        stage.session.tell(new SessionActor.StopIfClean());
        stage.collect();
        stage.storeExecutor.release();

        assertThat(stage.answer(append)).isInstanceOf(Appended.class);
    }

    @Test
    void persistsWhatItHasTakenBeforeItStops() {
        SessionStage stage = stage(settings());
        stage.journal.holdWrites();
        long append = stage.send(round("a"));
        stage.session.tell(new SessionActor.Stop());
        stage.journal.releaseWrites();

        assertThat(stage.answer(append)).isInstanceOf(Appended.class);
        stage.startAnew();
        assertThat(stage.contents()).isEqualTo(contentsOf("a"));
    }

    /** A session whose messages with these ids are in the layers and nowhere else. */
    private SessionStage flushed(String... ids) {
        SessionStage stage = stage(settings());
        stage.ask(round(ids));
        long flush = stage.send(new FlushNow());
        stage.storeNext();
        stage.answer(flush);
        return stage;
    }

    private static List<Long> messageTotals(SessionStage stage, long... tickets) {
        return Arrays.stream(tickets)
                .mapToObj(ticket -> ((Appended) stage.answer(ticket)).totalMessages())
                .toList();
    }

    private static boolean transfers(Reply reply) {
        return ((Appended) reply).transferTriggered();
    }

    private static ErrorCode refusal(Reply reply) {
        return ((Refused) reply).code();
    }
}
