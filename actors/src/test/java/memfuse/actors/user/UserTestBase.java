package memfuse.actors.user;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import memfuse.actors.session.TestJournal;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;

/** Tests of the user's actor, one actor system a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class UserTestBase {
    private final TestJournal journal = new TestJournal();
    final ActorTestKit kit = UserStage.kit(journal);
    private final ExecutorService flushExecutor = Executors.newCachedThreadPool();
    private final List<UserStage> stages = new ArrayList<>();

    /** The user without sessions. */
    UserStage stage() {
        return stage(UserStage.Bounds.WIDE);
    }

    UserStage stage(UserStage.Bounds bounds) {
        UserStage stage = new UserStage(kit, journal, flushExecutor, bounds);
        stages.add(stage);
        return stage;
    }

    /** The user with sessions of these ids. */
    UserStage stage(String... sessionIds) {
        UserStage stage = stage();
        stage.sessions(sessionIds);
        return stage;
    }

    @AfterEach
    void endUsers() {
        stages.forEach(UserStage::close);
        stages.clear();
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
        flushExecutor.shutdownNow();
    }
}
