package memfuse.actors.user;

import static memfuse.actors.user.UserStage.round;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Wake;
import org.junit.jupiter.api.Test;

/** Sessions that end by a failure. */
class SessionFailureTest extends UserTestBase {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    @Test
    void answersAtOnceWhatWasUnderWay() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "kept");
        stage.append("t", "b", "elsewhere");
        stage.journal.holdWrites();
        stage.journal.failNextWrites(1);
        Answer failing = stage.send("s", round("c", "lost"));
        Answer behind = stage.send("s", round("d", "lost as well"));
        stage.ask(Wake::new);
        stage.journal.releaseWrites();

        Refused refused = new Refused(ErrorCode.UNAVAILABLE, "the session ended before it could answer", null);
        assertThat(failing.get()).isEqualTo(refused);
        assertThat(behind.get()).isEqualTo(refused);
        assertThat(stage.ask("s", round("e", "too early")))
                .isEqualTo(new Refused(ErrorCode.UNAVAILABLE, "the session is being recovered", null));
        stage.append("t", "f", "undisturbed");
    }

    @Test
    void startsItAnewAfterAPauseWithAllThatWasAcknowledged() {
        UserStage stage = stage("s");
        stage.append("s", "a", "kept");
        stage.journal.failNextWrites(1);
        stage.send("s", round("b", "lost")).isRefused(ErrorCode.UNAVAILABLE);

        stage.pass(FIRST_PAUSE.minusMillis(1));
        stage.send("s", round("b", "too early")).isRefused(ErrorCode.UNAVAILABLE);
        stage.pass(Duration.ofMillis(1));
        stage.append("s", "b", "afterwards");
        assertThat(stage.history("s")).containsExactly("kept", "afterwards");
        assertThat(stage.found("kept afterwards lost")).containsExactly("afterwards", "kept");
    }

    @Test
    void addsARoundOnceWhoseAnswerTheJournalLost() {
        UserStage stage = stage("s");
        stage.journal.loseAcknowledgements(1);
        stage.send("s", round("a", "written")).isRefused(ErrorCode.UNAVAILABLE);
        stage.pass(FIRST_PAUSE);
        assertThat(stage.send("s", round("a", "written")).get(Appended.class).totalMessages())
                .isEqualTo(1);
        assertThat(stage.found("written")).containsExactly("written");
    }

    @Test
    void pausesLongerEachTimeUpToAFewSeconds() {
        UserStage stage = stage("s");
        stage.append("s", "a", "kept");
        stage.journal.failNextWrites(1);
        AtomicInteger replays = new AtomicInteger();
        failNextReplay(stage, replays);
        stage.send("s", round("b", "lost")).isRefused(ErrorCode.UNAVAILABLE);

        List<Integer> pauses = List.of(100, 200, 400, 800, 1600, 3200, 5000, 5000);
        for (int failures = 0; failures < pauses.size(); failures++) {
            stage.pass(Duration.ofMillis(pauses.get(failures) - 1));
            stage.send("s", round("b", "too early")).isRefused(ErrorCode.UNAVAILABLE);
            assertThat(replays).hasValue(failures);
            stage.pass(Duration.ofMillis(1));
            stage.awaitUntil(replays::get, failures + 1);
            awaitPause(stage);
        }
    }

    /** Returns when the user knows that the session has failed again, and has set the timer of its next start. */
    private static void awaitPause(UserStage stage) {
        stage.passivations.awaitAssert(UserStage.LIMIT, Duration.ofMillis(5), () -> {
            Reply answer = stage.send("s", round("b", "too early")).get(Reply.class);
            assertThat(answer).isEqualTo(new Refused(ErrorCode.UNAVAILABLE, "the session is being recovered", null));
            return answer;
        });
    }

    /** Replays fail from now on, and are counted. */
    private static void failNextReplay(UserStage stage, AtomicInteger replays) {
        stage.journal.beforeNextReplay(() -> {
            failNextReplay(stage, replays);
            replays.incrementAndGet();
            throw new IllegalStateException("scripted: the replay fails");
        });
    }

    @Test
    void startsAFailedSessionForAQueryThatNeedsIt() {
        UserStage stage = stage("s");
        stage.append("s", "a", "unflushed words");
        stage.journal.failNextWrites(1);
        stage.send("s", round("b", "lost")).isRefused(ErrorCode.UNAVAILABLE);

        assertThat(stage.found("unflushed")).containsExactly("unflushed words");
        stage.append("s", "b", "more words");
        assertThat(stage.found("words")).containsExactly("more words", "unflushed words");
    }

    @Test
    void refusesAQueryWhoseSessionsCannotTellWhatTheyHave() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "unflushed words");
        stage.append("t", "b", "other words");
        stage.journal.failNextWrites(1);
        stage.send("s", round("c", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        stage.journal.beforeNextReplay(() -> {
            throw new IllegalStateException("scripted: the replay fails");
        });

        stage.query(words("words")).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.found("words")).containsExactly("other words", "unflushed words");
    }

    @Test
    void remembersWhereMessagesOfAFailedSessionAre() {
        UserStage stage = stage("s");
        stage.append("s", "a", "flushed words");
        stage.flushAll();
        stage.append("s", "b", "buffered words");
        assertThat(stage.found("words")).hasSize(2);
        stage.journal.failNextWrites(1);
        stage.send("s", round("c", "lost")).isRefused(ErrorCode.UNAVAILABLE);

        assertThat(stage.find(words("words")).hits())
                .extracting(Hit::id, Hit::layer)
                .containsExactlyInAnyOrder(tuple("a", Hit.Layer.M1), tuple("b", Hit.Layer.ROUND_BUFFER));
    }

    @Test
    void keepsAUserWithAFailedSessionAwake() {
        UserStage stage = stage("s");
        stage.append("s", "a", "unflushed");
        AtomicInteger replays = new AtomicInteger();
        stage.journal.failNextWrites(1);
        stage.send("s", round("b", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        failNextReplay(stage, replays);

        stage.pass(Duration.ofMinutes(3));
        stage.ask(Wake::new);
        stage.passivations.expectNoMessage(Duration.ZERO);
    }
}
