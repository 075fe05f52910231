package memfuse.actors.user;

import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import memfuse.actors.user.UserStage.Answer;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.Hits;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which indexes a node keeps, and what becomes of a user whose index has to go. */
class IndexBudgetTest extends UserTestBase {
    private static final Duration SESSION_IDLE = Duration.ofSeconds(10);

    private IndexBudget budget = new IndexBudget(100);

    @BeforeEach
    void startAnew() {
        budget = new IndexBudget(100);
    }

    private TestProbe<Command> user(UserStage stage) {
        return stage.kit.createTestProbe();
    }

    @Test
    void asksThoseForRoomThatWereNotUsedForLongest() {
        UserStage stage = stage();
        TestProbe<Command> a = user(stage);
        TestProbe<Command> b = user(stage);
        TestProbe<Command> c = user(stage);
        budget.used("a", a.getRef(), 40);
        budget.used("b", b.getRef(), 40);
        budget.used("a", a.getRef(), 40);
        budget.used("c", c.getRef(), 50);
        b.expectMessage(UserStage.LIMIT, new UserActor.ReleaseIndex());
        assertThat(budget.bytes()).isEqualTo(130);

        budget.released("b", b.getRef());
        assertThat(budget.bytes()).isEqualTo(90);
        assertThat(budget.released()).isEqualTo(1);
        budget.used("b", b.getRef(), 200);
        a.expectMessage(UserStage.LIMIT, new UserActor.ReleaseIndex());
        c.expectMessage(UserStage.LIMIT, new UserActor.ReleaseIndex());
        b.expectNoMessage(Duration.ZERO);
    }

    @Test
    void asksTheNextOneWhereTheFirstNeedsItsIndex() {
        UserStage stage = stage();
        TestProbe<Command> a = user(stage);
        TestProbe<Command> b = user(stage);
        TestProbe<Command> c = user(stage);
        budget.used("a", a.getRef(), 60);
        budget.used("b", b.getRef(), 30);
        budget.used("c", c.getRef(), 30);
        a.expectMessage(UserStage.LIMIT, new UserActor.ReleaseIndex());
        budget.measured("c", c.getRef(), 35);
        a.expectNoMessage(Duration.ZERO); // is asked already
        b.expectNoMessage(Duration.ZERO);
        budget.used("a", a.getRef(), 60);
        b.expectMessage(UserStage.LIMIT, new UserActor.ReleaseIndex());
    }

    @Test
    void measuresOnlyWhatIsThere() {
        UserStage stage = stage();
        TestProbe<Command> a = user(stage);
        TestProbe<Command> later = user(stage);
        budget.measured("a", a.getRef(), 60);
        assertThat(budget.bytes()).isZero();
        budget.used("a", a.getRef(), 10);
        budget.measured("a", a.getRef(), 60);
        assertThat(budget.bytes()).isEqualTo(60);
        budget.used("a", later.getRef(), 20);
        assertThat(budget.left("a", a.getRef())).isFalse();
        assertThat(budget.left("a", later.getRef())).isTrue();
        assertThat(budget.bytes()).isZero();
    }

    @Test
    void stopsAUserWhoHasNothingElseToKeep() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.flushAll();
        stage.found("words");
        assertThat(stage.indexes.bytes()).isPositive();
        stage.pass(SESSION_IDLE);
        stage.awaitUntil(stage::awakeSessions, 0);

        stage.user.tell(new UserActor.ReleaseIndex());
        assertThat(stage.passivations.receiveMessage(UserStage.LIMIT)).isEqualTo(stage.user);
        assertThat(stage.indexes.bytes()).isZero();
        stage.restart();
        assertThat(stage.found("words")).containsExactly("some words");
    }

    @Test
    void keepsAUserWhoHasSomethingUnflushedAndLoadsTheIndexAnew() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.found("words");
        stage.user.tell(new UserActor.ReleaseIndex());
        stage.append("s", "b", "more words");

        assertThat(stage.indexes.released()).isEqualTo(1);
        assertThat(stage.found("words")).containsExactly("more words", "some words");
        stage.passivations.expectNoMessage(Duration.ZERO);
    }

    @Test
    void keepsAnIndexThatIsBeingSearched() {
        UserStage stage = stage(Bounds.WIDE.withSearchAsideFrom(1));
        stage.sessions("s");
        stage.append("s", "a", "some words");
        stage.found("words");
        stage.searchExecutor.hold();
        Answer query = stage.query(words("the words"));
        stage.user.tell(new UserActor.ReleaseIndex());
        stage.append("s", "b", "more words");
        assertThat(stage.indexes.released()).isZero();
        stage.searchExecutor.release();
        query.get(Hits.class);
        assertThat(stage.found("words")).containsExactly("more words", "some words");
    }

    @Test
    void doesNotLoadAnIndexThatIsTooLargeForTheNode() {
        UserStage stage = stage(Bounds.WIDE.withMaxIndexBytes(10_000));
        stage.sessions("s");
        for (int i = 0; i < 3; i++) {
            stage.append("s", "m" + i, "many words|".repeat(200) + "end");
        }
        stage.flushAll();
        stage.query(words("words")).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.indexes.bytes()).isZero();
        assertThat(stage.history("s")).hasSize(3);
    }

    @Test
    void countsNothingOfUsersThatEnded() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.found("words");
        stage.stop();
        assertThat(stage.indexes.bytes()).isZero();
    }
}
