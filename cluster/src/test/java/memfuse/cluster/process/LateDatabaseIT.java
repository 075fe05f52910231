package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database comes later than the server: that says so, once, and waits for it. */
class LateDatabaseIT {
    private static final Duration LATE = Duration.ofSeconds(Integer.getInteger("memfuse.outage.seconds", 3));
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final String WAITS = "waiting up to 60 s for the database";

    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void waitsForADatabaseThatComesLater() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            database.stop();
            Launch launch = Launch.in(scene.newDataDirectory().path())
                    .wordsOnly()
                    .withEnvironment("MEMFUSE_DATABASE_START_TIMEOUT", "1m");
            ServerProcess server = scene.spawn(database.usedBy(launch));
            Await.until("it says that it waits", LIMIT, () -> server.output().contains(WAITS));
            Await.pass(LATE);
            assertThat(server.isAlive()).isTrue();

            database.startAgain();
            server.awaitReady();
            assertThat(server.output().split(WAITS, -1)).hasSize(2);
            Conversation conversation = Conversation.start(
                    server.client(), Seed.of(LateDatabaseIT.class).random(0));
            conversation.append(3);
            conversation.assertThatAllIsThereOnce();
        }
    }

    @Test
    void endsAtOnceWhenItIsStoppedWhileItWaits() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            database.stop();
            Launch launch = Launch.in(scene.newDataDirectory().path())
                    .wordsOnly()
                    .withEnvironment("MEMFUSE_DATABASE_START_TIMEOUT", "1h");
            ServerProcess server = scene.spawn(database.usedBy(launch));
            Await.until("it says that it waits", LIMIT, () -> server.output().contains("waiting up to 3600 s"));

            assertThat(server.terminate()).isIn(1, 143);
        }
    }
}
