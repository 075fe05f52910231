package memfuse.actors.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import memfuse.actors.session.TestJournal;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.session.SessionProtocol;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A user of nobody opens the journal, stores nothing, and is gone when the rehearsal is over. */
class UserRehearsalTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final TestJournal journal = new TestJournal();
    private final ActorTestKit kit = UserStage.kit(journal);
    private final UserStage stage = new UserStage(kit, journal, ForkJoinPool.commonPool(), Bounds.WIDE);

    @AfterEach
    void shutDown() {
        stage.close();
        kit.shutdownTestKit();
    }

    private CompletableFuture<Done> rehearse() {
        return UserRehearsal.run(kit.system(), stage.services, LIMIT).toCompletableFuture();
    }

    @Test
    void readsTheJournalAndLeavesNobody() throws Exception {
        rehearse().get(UserStage.LIMIT.toSeconds(), TimeUnit.SECONDS);
        String session = SessionProtocol.persistenceId("rehearsal");
        assertThat(journal.wasAsked(session)).isTrue();
        assertThat(journal.events(session)).isEmpty();
        stage.awaitUntil(() -> stage.activeUsers.all().size(), 1);
    }

    @Test
    void isOverAlsoWhereTheStoreDoesNotAnswer() throws Exception {
        stage.storeExecutor.hold();
        CompletableFuture<Done> over = rehearse();
        stage.pass(LIMIT);
        over.get(UserStage.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
