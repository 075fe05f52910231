package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The disk of the embedded PostgreSQL becomes full under load, so full that it cannot go on and ends itself. The server
 * refuses for now what it cannot store, and goes on when there is room.
 */
@EnabledOnOs(OS.LINUX)
@Tag("long")
class FullDiskIT {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("memfuse.outage.seconds", 3));
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int DISK_MEBIBYTES = 350;
    private static final int WRITERS = 8;

    /** More than what a disk of this size can hold of its segments. */
    private static final int MOST_SEGMENTS = 50;

    /** Far fewer than requests are refused, and no more than somebody reads. */
    private static final int MOST_LINES = 150;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(FullDiskIT.class);

    @Test
    void refusesWhatItCannotStoreAndGoesOnWhenThereIsRoom() throws Exception {
        SmallDisk disk = scene.newSmallDisk(DISK_MEBIBYTES);
        ServerProcess server = scene.start(Launch.in(disk.data().path()).wordsOnly());
        Client client = server.client();
        try (Crowd crowd = Crowd.start(client, WRITERS, seed)) {
            crowd.awaitProgress(5);
            int saidBefore = server.output().length();
            long sinceNanos = System.nanoTime();
            disk.fill();
            useUpTheLog(disk.data());
            int refusedBefore = crowd.refusals();
            Await.until("appends are refused", LIMIT, () -> crowd.refusals() > refusedBefore + WRITERS);
            Await.until(
                    "it says that it is not ready",
                    LIMIT,
                    () -> client.get("/health/ready").status() == 503);
            assertThat(client.get("/health").status()).isEqualTo(200);
            Await.pass(OUTAGE);
            int acknowledged = crowd.acknowledgedRounds();

            disk.empty();
            crowd.awaitProgress(3);
            Await.until(
                    "it is ready again",
                    LIMIT,
                    () -> client.get("/health/ready").status() == 200);
            List<String> said = server.output().substring(saidBefore).lines().toList();
            List<Duration> pauses = crowd.pausesSince(sinceNanos);
            List<Transcript> transcripts = crowd.finish();
            System.out.printf(
                    "FullDiskIT: %d rounds acknowledged before there was room again; %s; pauses %s; %d lines in the log%n",
                    acknowledged, crowd.answerTimes(), Throng.pauses(pauses), said.size());
            Crowd.assertThatNothingIsLost("FullDiskIT", client, transcripts, disk.data()::connect);
            assertThat(said).hasSizeLessThan(MOST_LINES).noneMatch(line -> line.startsWith("\tat "));
        }
    }

    /** Until PostgreSQL needs a new segment of its write-ahead log, and gets none. */
    private static void useUpTheLog(DataDirectory data) throws Exception {
        try (Connection connection = data.connect();
                Statement statement = connection.createStatement()) {
            for (int segment = 0; segment < MOST_SEGMENTS; segment++) {
                statement.execute("SELECT pg_logical_emit_message(false, 'test', 'something')");
                statement.execute("SELECT pg_switch_wal()");
            }
        } catch (SQLException ended) {
            return;
        }
        throw new AssertionError("PostgreSQL went on without room for its log");
    }
}
