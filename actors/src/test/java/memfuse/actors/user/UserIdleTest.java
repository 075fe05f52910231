package memfuse.actors.user;

import static memfuse.actors.user.UserStage.LIMIT;
import static memfuse.actors.user.UserStage.round;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.testkit.StoreFaults;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.SessionStored;
import memfuse.protocol.user.UserProtocol.Wake;
import org.junit.jupiter.api.Test;

/** Sessions and users that nobody uses, and users that are stopped. */
class UserIdleTest extends UserTestBase {
    private static final Duration SESSION_IDLE = Duration.ofSeconds(10);
    private static final Duration USER_IDLE = Duration.ofSeconds(30);

    @Test
    void stopsASessionThatIsIdleAndStartsItForTheNextRequest() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.flushAll();
        stage.pass(SESSION_IDLE);
        stage.awaitUntil(stage::awakeSessions, 0);

        stage.append("s", "b", "two");
        assertThat(stage.history("s")).containsExactly("one", "two");
        assertThat(stage.awakeSessions()).isEqualTo(1);
    }

    @Test
    void countsWhatIsAwakeAndUnflushed() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "one");
        stage.append("s", "b", "two");
        stage.append("t", "a", "one");
        assertThat(stage.counters.unflushedMessages()).isEqualTo(3);
        assertThat(stage.counters.awakeSessions()).isEqualTo(2);
        stage.flushAll();
        assertThat(stage.counters.unflushedMessages()).isZero();
        stage.pass(SESSION_IDLE);
        stage.awaitUntil(() -> (int) stage.counters.awakeSessions(), 0);

        stage.append("s", "c", "three");
        stage.crash();
        stage.ask(Wake::new);
        stage.awaitUntil(() -> (int) stage.counters.unflushedMessages(), 1); // of its next self
        stage.awaitUntil(() -> (int) stage.counters.awakeSessions(), 1);
    }

    @Test
    void keepsASessionAwakeThatIsUsedOrNotFlushed() {
        UserStage stage = stage("used", "dirty", "idle");
        for (String id : List.of("used", "dirty", "idle")) {
            stage.append(id, "a", "one");
        }
        stage.flushAll();
        StoreFaults.Hold hold = stage.layers.faults().holdFlushes();
        stage.append("dirty", "b", "two");
        stage.pass(SESSION_IDLE.dividedBy(2));
        stage.history("used");
        stage.pass(SESSION_IDLE.dividedBy(2));

        stage.ask(Wake::new);
        hold.release();
        stage.awaitUntil(stage::awakeSessions, 2);
    }

    @Test
    void losesNoRequestThatComesWhileASessionStops() {
        UserStage stage = stage("s");
        for (int i = 0; i < 15; i++) {
            stage.append("s", "a" + i, "message " + i);
            stage.flushAll();
            stage.pass(SESSION_IDLE.plusSeconds(5));
            Answer append = stage.send("s", round("b" + i, "more " + i));
            Answer read = stage.send("s", new ReadMessages(List.of("b" + i)));
            append.get(Appended.class);
            read.get(MessagesRead.class);
        }
        assertThat(stage.send("s", round("last", "last")).get(Appended.class).totalMessages())
                .isEqualTo(31);
    }

    @Test
    void answersQueriesAndFlushesThatComeWhileASessionStops() {
        for (int i = 0; i < 10; i++) {
            UserStage stage = stage("s");
            stage.append("s", "a", "some words");
            stage.flushAll();
            stage.pass(SESSION_IDLE.plusSeconds(5));
            Answer query = stage.query(words("words"));
            Answer flush = stage.send(FlushUser::new);
            assertThat(query.get(Hits.class).hits()).hasSize(1);
            flush.get(FlushCompleted.class);
        }
    }

    @Test
    void asksToBeStoppedWhenNothingIsAwakeAndNobodyHasAsked() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.flushAll();
        stage.pass(SESSION_IDLE);
        stage.awaitUntil(stage::awakeSessions, 0);
        stage.pass(USER_IDLE.minus(SESSION_IDLE).minusSeconds(1));
        stage.ask(Wake::new);
        stage.passivations.expectNoMessage(Duration.ZERO);

        stage.pass(Duration.ofSeconds(5));
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        stage.restart();
        assertThat(stage.history("s")).containsExactly("one");
    }

    @Test
    void staysAsLongAsSomebodyAsks() {
        UserStage stage = stage("s");
        for (int i = 0; i < 10; i++) {
            stage.pass(USER_IDLE.dividedBy(2));
            stage.find(words("anything"));
        }
        stage.passivations.expectNoMessage(Duration.ZERO);
    }

    @Test
    void staysWhileASessionHasSomethingToFlush() {
        UserStage stage = stage("s");
        StoreFaults.Hold hold = stage.layers.faults().holdFlushes();
        stage.append("s", "a", "one");
        for (int i = 0; i < 10; i++) {
            stage.pass(USER_IDLE);
        }
        stage.ask(Wake::new);
        stage.passivations.expectNoMessage(Duration.ZERO);
        hold.release();
    }

    @Test
    void finishesWhatIsUnderWayWhenItIsStopped() {
        UserStage stage = stage("s", "t");
        stage.journal.holdWrites();
        Answer first = stage.send("s", round("a", "one"));
        Answer second = stage.send("s", round("b", "two"));
        Answer elsewhere = stage.send("t", round("c", "three"));
        stage.user.tell(new UserActor.Stop());
        Answer late = stage.send("s", round("d", "late"));
        assertThat(late.get()).isEqualTo(new Refused(ErrorCode.UNAVAILABLE, "the user moves", null));

        stage.journal.releaseWrites();
        List.of(first, second, elsewhere).forEach(answer -> answer.get(Appended.class));
        stage.awaitEnd();
        stage.startAnew();
        assertThat(stage.history("s")).containsExactly("one", "two");
        assertThat(stage.history("t")).containsExactly("three");
    }

    @Test
    void answersWhatIsAtTheStoreBeforeItEnds() {
        UserStage stage = stage("s");
        stage.find(UserStage.everything("load"));
        stage.storeExecutor.hold();
        Answer create = stage.send(UserStage.creation("t"));
        Answer queued = stage.send(UserStage.creation("v"));
        Answer erase = stage.send(replyTo -> new EraseSession("s", replyTo));
        stage.vectors.holdQueries();
        Answer query = stage.query(UserStage.everything("words"));
        stage.user.tell(new UserActor.Stop());
        queued.isRefused(ErrorCode.UNAVAILABLE);

        stage.vectors.queries();
        query.get(Hits.class);
        stage.storeExecutor.release();
        create.get(SessionStored.class);
        erase.get(Erased.class);
        stage.awaitEnd();
    }

    @Test
    void answersQueriesThatWaitForTheIndexWhenItIsStopped() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        JournaledStore.Hold hold = stage.store.holdStreams();
        Answer query = stage.query(words("words"));
        hold.awaitStream();
        stage.user.tell(new UserActor.Stop());
        stage.send(Wake::new).isRefused(ErrorCode.UNAVAILABLE);
        hold.release();
        assertThat(query.get(Hits.class).hits()).hasSize(1);
        stage.awaitEnd();
    }
}
