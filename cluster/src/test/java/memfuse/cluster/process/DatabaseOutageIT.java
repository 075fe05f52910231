package memfuse.cluster.process;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The database goes away under load, for seconds, and comes back: stopped, killed, or standing still. */
class DatabaseOutageIT {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("memfuse.outage.seconds", 3));

    private static final int WRITERS = 8;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(DatabaseOutageIT.class);

    @Test
    void survivesAnOutageOfARemoteDatabase() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory())) {
            Launch launch = Launch.in(scene.newDataDirectory().path()).wordsOnly();
            Client client = scene.start(database.usedBy(launch)).client();
            surviveOutage("stopped", client, database::stop, database::startAgain, database::connect);
        }
    }

    @Test
    void startsItsOwnDatabaseAgainWhenItIsKilled() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Client client = scene.start(Launch.in(data.path()).wordsOnly()).client();
        surviveOutage("killed", client, data::killPostgres, () -> {}, data::connect);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void survivesADatabaseThatStandsStill() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Client client = scene.start(Launch.in(data.path()).wordsOnly()).client();
        surviveOutage("frozen", client, data::freeze, data::thaw, data::connect);
    }

    private void surviveOutage(String how, Client client, Runnable begin, Runnable end, Crowd.Database database)
            throws Exception {
        try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
            crowd.awaitProgress(5);
            begin.run();
            long endNanos = System.nanoTime() + OUTAGE.toNanos();
            List<Duration> healthChecks = new ArrayList<>();
            while (System.nanoTime() - endNanos < 0) {
                healthChecks.add(client.get("/health").expect(200).took());
                Await.pass(Duration.ofMillis(50));
            }
            end.run();
            Duration recovery = crowd.awaitProgress(1);
            crowd.awaitProgress(5);
            List<Transcript> transcripts = crowd.finish();

            System.out.printf(
                    "DatabaseOutageIT: %s for %d s; every writer got on %d ms after the end; %s, slowest health check"
                            + " %d ms%n",
                    how,
                    OUTAGE.toSeconds(),
                    recovery.toMillis(),
                    crowd.answerTimes(),
                    healthChecks.stream().mapToLong(Duration::toMillis).max().orElse(0));
            Crowd.assertThatNothingIsLost(how, client, transcripts, database);
            assertThatANewUserIsServed(client);
        }
    }

    private void assertThatANewUserIsServed(Client client) throws IOException {
        Conversation conversation = Conversation.start(client, seed.random(1));
        conversation.append(7);
        conversation.assertThatAllIsThereOnce();
    }
}
