package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Nodes of a cluster are killed under load, one after the other: by turns the oldest, which has the singletons and decides
 * where users live (the coordinator of the shards), and any other one. Nothing that was acknowledged is lost, and the users
 * of the dead node are soon served by others, while those of other nodes are served on.
 */
class NodeKillsIT {
    private static final int KILLS = Integer.getInteger("memfuse.node.kills", 2);
    private static final int WRITERS = Integer.getInteger("memfuse.node.writers", 16);
    private static final int NODES = 3;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(NodeKillsIT.class);
    private final Random random = seed.random(0);

    @Test
    void losesNothingAndServesTheUsersOfTheDeadNodeSoonTheOldestsToo() throws Exception {
        List<Duration> ofTheDead = new ArrayList<>();
        List<Duration> ofOthers = new ArrayList<>();
        try (Nodes nodes = Nodes.start(scene, NODES);
                Throng throng = Throng.start(nodes, WRITERS, seed)) {
            for (int kill = 0; kill < KILLS; kill++) {
                throng.awaitProgress(5);
                int oldest = nodes.oldest();
                boolean ofTheOldest = kill % 2 == 0;
                int killed = ofTheOldest ? oldest : (oldest + 1 + random.nextInt(NODES - 1)) % NODES;
                int[] placement = nodes.placement();
                long killedNanos = System.nanoTime();
                nodes.process(killed).kill9();
                throng.awaitProgress(2);
                List<Duration> dead =
                        throng.pausesSince(killedNanos, userId -> placement[Nodes.shardOf(userId)] == killed);
                List<Duration> others =
                        throng.pausesSince(killedNanos, userId -> placement[Nodes.shardOf(userId)] != killed);
                System.out.printf(
                        "NodeKillsIT: kill %d, %s: its users %s; others %s%n",
                        kill + 1,
                        ofTheOldest
                                ? "of the oldest node, with the singletons and the coordinator of the shards"
                                : "of another node",
                        Throng.pauses(dead),
                        Throng.pauses(others));
                ofTheDead.addAll(dead);
                ofOthers.addAll(others);
                nodes.awaitAllUp();
                assertThat(nodes.oldest() == oldest).isNotEqualTo(ofTheOldest);
                nodes.startAgain(killed);
                nodes.awaitAllUp();
            }
            throng.awaitProgress(2);
            Verdict verdict = throng.finish("NodeKillsIT");
            ofTheDead.sort(null);
            ofOthers.sort(null);
            System.out.printf(
                    "NodeKillsIT: %d kills, %d writers, %d messages acknowledged, %d lost, %d twice; users of the dead"
                            + " nodes: %s; others: %s%n",
                    KILLS,
                    WRITERS,
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    Throng.pauses(ofTheDead),
                    Throng.pauses(ofOthers));
            assertThat(ofTheDead).isNotEmpty();
        }
    }
}
