package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The PostgreSQL of all nodes is away for a while. They stay members, say that they are not ready, and go on. */
@Tag("long")
class ClusterDatabaseOutageIT {
    private static final Duration OUTAGE = Duration.ofSeconds(20);
    private static final Duration NOTICE_LIMIT = Duration.ofMinutes(1);
    private static final int WRITERS = 16;
    private static final int NODES = 3;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(ClusterDatabaseOutageIT.class);

    @Test
    void survivesAnOutageOfTheDatabaseOfAllNodes() throws Exception {
        try (Nodes nodes = Nodes.start(scene, NODES);
                Throng throng = Throng.start(nodes, WRITERS, seed)) {
            throng.awaitProgress(5);
            long stoppedNanos = System.nanoTime();
            nodes.database().stop();
            for (int node = 0; node < NODES; node++) {
                int asked = node;
                Await.until("it says that it is not ready", NOTICE_LIMIT, () -> nodes.status(asked, "/ready") != 200);
                assertThat(nodes.status(node, "/alive")).isEqualTo(200);
            }
            long goneNanos = System.nanoTime() - stoppedNanos;
            Await.pass(OUTAGE.minusNanos(Math.min(goneNanos, OUTAGE.toNanos())));
            nodes.database().startAgain();
            throng.awaitProgress(2);
            List<Duration> pauses = throng.pausesSince(stoppedNanos, userId -> true);
            for (int node = 0; node < NODES; node++) {
                int asked = node;
                Await.until("it is ready again", NOTICE_LIMIT, () -> nodes.status(asked, "/ready") == 200);
            }
            nodes.awaitAllUp();
            Verdict verdict = throng.finish("ClusterDatabaseOutageIT");
            System.out.printf(
                    "ClusterDatabaseOutageIT: away for %d s; %d messages acknowledged, %d lost, %d twice; pauses %s%n",
                    OUTAGE.toSeconds(),
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    Throng.pauses(pauses));
        }
    }
}
