package memfuse.actors.user;

import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.testkit.StoreFaults;
import org.junit.jupiter.api.Test;

/** How a user's index comes to be while the user's sessions go on. */
class IndexLoadingTest extends UserTestBase {
    @Test
    void takesNothingFromTheStoreThatAFormerSelfOfTheSessionStillWroteThere() {
        UserStage stage = stage("s");
        stage.append("s", "a", "first words");
        stage.append("s", "b", "second words");
        stage.append("s", "c", "third words");
        StoreFaults.Hold flush = stage.layers.faults().holdFlushes();
        Answer flushed = stage.send("s", new FlushNow());
        flush.awaitFlush();
        stage.journal.failNextWrites(1);
        stage.send("s", round("d", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        flushed.isRefused(ErrorCode.UNAVAILABLE);
        stage.pass(Duration.ofMillis(100));
        stage.update("s", "b", "changed words");
        stage.delete("s", "c");

        flush.release();
        stage.awaitUntil(() -> stage.layers.written().size(), 1);
        assertThat(stage.found("words")).containsExactly("changed words", "first words");
    }
}
