package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Others take every connection that PostgreSQL has: while the server is at work, and while another one starts. */
@Tag("long")
class ConnectionsRunOutIT {
    /** One server's twenty and that of its health check, and a few more. */
    private static final String CONNECTIONS = "30";

    private static final Map<String, String> PARAMETERS =
            Map.of("max_connections", CONNECTIONS, "superuser_reserved_connections", "0", "reserved_connections", "0");
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int WRITERS = 8;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(ConnectionsRunOutIT.class);

    @Test
    void refusesForNowAndGoesOnWhenThereAreConnectionsAgain() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory(), PARAMETERS);
                Hoard others = new Hoard(database)) {
            Client client = scene.start(newLaunch(database)).client();
            try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
                crowd.awaitProgress(3);
                long sinceNanos = System.nanoTime();
                others.takeFromTheServer();
                Await.until(
                        "it says that it is not ready",
                        LIMIT,
                        () -> client.get("/health/ready").status() == 503);
                assertThat(client.get("/health").status()).isEqualTo(200);
                assertThat(client.post("/users", Map.of("name", "somebody else")))
                        .matches(answer -> answer.status() == 503 && answer.refusedForNow());
                assertThatAStartIsRefused(database);
                others.takeFromTheServer();
                int taken = others.size();

                others.giveBack();
                crowd.awaitProgress(3);
                Await.until(
                        "it is ready again",
                        LIMIT,
                        () -> client.get("/health/ready").status() == 200);
                List<Duration> pauses = crowd.pausesSince(sinceNanos);
                assertThat(crowd.refusals()).isPositive();
                List<Transcript> transcripts = crowd.finish();
                System.out.printf(
                        "ConnectionsRunOutIT: others had all %d connections; %s; pauses %s%n",
                        taken, crowd.answerTimes(), Throng.pauses(pauses));
                Crowd.assertThatNothingIsLost("ConnectionsRunOutIT", client, transcripts, database::connect);
            }
        }
    }

    private void assertThatAStartIsRefused(RemoteDatabase database) {
        ServerProcess refused =
                scene.spawn(newLaunch(database).withEnvironment("MEMFUSE_DATABASE_START_TIMEOUT", "1s"));
        assertThat(refused.awaitEnd()).isEqualTo(1);
        assertThat(refused.errors()).as(refused.tail()).hasSize(1);
        assertThat(refused.errors().get(0)).startsWith("memfuse: ").contains("too many clients");
    }

    private Launch newLaunch(RemoteDatabase database) {
        return database.usedBy(Launch.in(scene.newDataDirectory().path()).wordsOnly());
    }
}
