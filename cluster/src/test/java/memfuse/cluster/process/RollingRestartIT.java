package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * All nodes of a cluster are stopped in order and started again under load, one after the other, as nodes of a newer
 * version: their users move to nodes that have been started again already, where there are any.
 */
@Tag("long")
class RollingRestartIT {
    private static final int WRITERS = Integer.getInteger("memfuse.node.writers", 16);
    private static final int NODES = 3;

    /** Than any that there will be. */
    private static final String NEWER_VERSION = "1000.0.0";

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(RollingRestartIT.class);

    @Test
    void answersEveryRequestAndLosesNothing() throws Exception {
        try (Nodes nodes = Nodes.start(scene, NODES);
                Throng throng = Throng.start(nodes, WRITERS, seed)) {
            throng.awaitProgress(5);
            long startedNanos = System.nanoTime();
            for (int node = 0; node < NODES; node++) {
                int[] before = nodes.placement();
                assertThat(nodes.process(node).terminate()).isIn(0, 143);
                nodes.startAgainAs(NEWER_VERSION, node);
                nodes.awaitAllUp();
                throng.awaitProgress(2);
                if (node > 0) {
                    assertMovedToNewerNodes(node, before, nodes.placement());
                }
            }
            List<Duration> pauses = throng.pausesSince(startedNanos, userId -> true);
            Verdict verdict = throng.finish("RollingRestartIT");
            System.out.printf(
                    "RollingRestartIT: %d nodes, %d writers, %d messages acknowledged, %d lost, %d twice; pauses: %s;"
                            + " requests without an answer: %d%n",
                    NODES,
                    WRITERS,
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    Throng.pauses(pauses),
                    throng.brokenOff().size());
            assertThat(throng.brokenOff()).isEmpty();
        }
    }

    /** Of the users that a node had, none are on those whose turn is still to come. */
    private static void assertMovedToNewerNodes(int node, int[] before, int[] after) {
        for (int shard = 0; shard < before.length; shard++) {
            if (before[shard] == node) {
                assertThat(after[shard]).as("shard %d", shard).isLessThanOrEqualTo(node);
            }
        }
    }
}
