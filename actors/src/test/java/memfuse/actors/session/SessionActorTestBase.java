package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;

/** Tests of the session's actor, one actor system a class. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SessionActorTestBase {
    private final TestJournal journal = new TestJournal();
    private final ActorTestKit kit = SessionStage.kit(journal);
    private final List<SessionStage> stages = new ArrayList<>();

    /** A new session with these settings. */
    SessionStage stage(SettingsDraft settings) {
        SessionStage stage = new SessionStage(kit, journal, settings);
        stages.add(stage);
        return stage;
    }

    ActorTestKit kit() {
        return kit;
    }

    @AfterEach
    void endSessions() {
        stages.forEach(SessionStage::close);
        stages.clear();
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }
}
