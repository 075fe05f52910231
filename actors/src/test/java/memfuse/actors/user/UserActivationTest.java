package memfuse.actors.user;

import static memfuse.actors.user.UserStage.LIMIT;
import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Awake;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Wake;
import org.junit.jupiter.api.Test;

/** The first moments of a user's actor. */
class UserActivationTest extends UserTestBase {
    @Test
    void answersWhatWasAskedBeforeItWasReady() {
        UserStage stage = stage("s");
        stage.stop();
        stage.storeExecutor.hold();
        stage.startAnew();
        UserStage.Answer append = stage.send("s", round("a", "early"));
        UserStage.Answer wake = stage.send(Wake::new);

        stage.storeExecutor.release();
        append.get(Appended.class);
        wake.get(Awake.class);
        assertThat(stage.history("s")).containsExactly("early");
    }

    @Test
    void refusesWhatDoesNotFitWhileItStarts() {
        UserStage stage = stage(new UserStage.Bounds(3, 3, 512, 10));
        stage.sessions("s");
        stage.stop();
        stage.storeExecutor.hold();
        stage.startAnew();
        List<UserStage.Answer> admitted = Stream.of("a", "b", "c")
                .map(id -> stage.send("s", round(id, id)))
                .toList();

        UserStage.Answer refused = stage.send("s", round("d", "d"));
        assertThat(refused.get())
                .isEqualTo(new Refused(ErrorCode.OVERLOADED, "insufficient capacity: userMaxInFlight=3", null));
        stage.storeExecutor.release();
        admitted.forEach(answer -> answer.get(Appended.class));
    }

    @Test
    void tellsEverybodyThatThereIsNoSuchUser() {
        UserStage stage = stage();
        stage.stop();
        stage.storeExecutor.hold();
        stage.user = stage.spawn("nobody");
        UserStage.Answer early = stage.send("s", round("a", "x"));
        stage.storeExecutor.release();

        Refused refused = new Refused(ErrorCode.NOT_FOUND, "User with ID 'nobody' not found", "user_id");
        assertThat(early.get()).isEqualTo(refused);
        assertThat(stage.ask("s", round("b", "y"))).isEqualTo(refused);
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        stage.stop();
    }

    @Test
    void isUnavailableWhileTheStoreFailsAndStartsTheNextTime() {
        UserStage stage = stage("s");
        stage.append("s", "a", "kept");
        stage.stop();
        stage.layers.faults().failNextOthers(1);
        stage.startAnew();

        assertThat(stage.ask("s", round("b", "y")))
                .isEqualTo(new Refused(
                        ErrorCode.UNAVAILABLE, "the store does not answer: scripted: the call fails", null));
        stage.send(Wake::new).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        stage.restart();
        assertThat(stage.history("s")).containsExactly("kept");
    }

    @Test
    void startsDirtySessionsWhetherAnybodyAsksForThemOrNot() {
        UserStage stage = stage("s", "t", "clean");
        stage.append("s", "a", "one");
        stage.append("t", "b", "two");
        stage.crash();

        stage.ask(Wake::new);
        stage.flushAll();
        assertThat(stage.store.isDirty("s")).isFalse();
        assertThat(stage.store.isDirty("t")).isFalse();
        assertThat(stage.layers.written()).hasSize(2);
    }

    @Test
    void answersWhatWaitsWhenItIsStoppedBeforeItIsReady() {
        UserStage stage = stage("s");
        stage.stop();
        stage.storeExecutor.hold();
        stage.startAnew();
        UserStage.Answer waiting = stage.send("s", round("a", "early"));
        stage.stop();
        waiting.isRefused(ErrorCode.UNAVAILABLE);
    }

    @Test
    void isAmongTheActiveUsersWhileItIsAwake() {
        UserStage stage = stage("s");
        assertThat(stage.activeUsers.all()).containsExactly(stage.user);
        stage.stop();
        assertThat(stage.activeUsers.all()).isEmpty();
        stage.startAnew();
        stage.ask(Wake::new);
        assertThat(stage.activeUsers.all()).containsExactly(stage.user);
    }
}
