package memfuse.actors.user;

import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;

import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Wake;
import org.junit.jupiter.api.Test;

/** The node was cut off for so long that another one may have the user. */
class UserTenureTest extends UserTestBase {
    private static final Refused MOVES = new Refused(ErrorCode.UNAVAILABLE, "the user moves", null);

    @Test
    void takesNothingWhileAnotherNodeMayHaveTheUser() {
        UserStage stage = stage("s");
        stage.append("s", "a", "before");
        stage.mayServe.set(false);
        assertThat(stage.ask("s", round("b", "not here"))).isEqualTo(MOVES);
        assertThat(stage.ask(Wake::new)).isEqualTo(MOVES);
        stage.mayServe.set(true);
        assertThat(stage.history("s")).containsExactly("before");
    }

    @Test
    void acknowledgesNothingThatWasJournaledTooLate() {
        UserStage stage = stage("s");
        stage.append("s", "a", "before");
        stage.journal.holdWrites();
        Answer written = stage.send("s", round("b", "too late"));
        stage.ask(Wake::new);
        stage.mayServe.set(false);
        stage.journal.releaseWrites();
        assertThat(written.get()).isEqualTo(MOVES);
        stage.mayServe.set(true);
        assertThat(stage.history("s")).containsExactly("before", "too late");
    }
}
