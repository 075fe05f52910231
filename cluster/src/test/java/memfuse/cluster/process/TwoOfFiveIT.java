package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two nodes of five are killed at once, one of them the oldest, which has the singletons and the coordinator of the shards.
 * The other three are most of them, and go on.
 */
@Tag("long")
class TwoOfFiveIT {
    private static final int WRITERS = 16;
    private static final int NODES = 5;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(TwoOfFiveIT.class);
    private final Random random = seed.random(0);

    @Test
    void goesOnWithoutTheOldestAndAnother() throws Exception {
        try (Nodes nodes = Nodes.start(scene, NODES);
                Throng throng = Throng.start(nodes, WRITERS, seed)) {
            throng.awaitProgress(5);
            int oldest = nodes.oldest();
            Set<Integer> killed = Set.of(oldest, (oldest + 1 + random.nextInt(NODES - 1)) % NODES);
            int[] placement = nodes.placement();
            Predicate<String> ofTheDead = userId -> killed.contains(placement[Nodes.shardOf(userId)]);
            long killedNanos = System.nanoTime();
            killed.forEach(node -> nodes.process(node).endAtOnce());
            killed.forEach(node -> nodes.process(node).awaitEnd());
            throng.awaitProgress(2);
            List<Duration> theirs = throng.pausesSince(killedNanos, ofTheDead);
            List<Duration> others = throng.pausesSince(killedNanos, ofTheDead.negate());
            nodes.awaitAllUp();
            assertThat(nodes.oldest()).isNotIn(killed);

            killed.forEach(nodes::startAgain);
            nodes.awaitAllUp();
            throng.awaitProgress(2);
            Verdict verdict = throng.finish("TwoOfFiveIT");
            System.out.printf(
                    "TwoOfFiveIT: the oldest and another of %d nodes killed, %d writers, %d messages acknowledged, %d lost, %d"
                            + " twice; users of the dead nodes: %s; others: %s%n",
                    NODES,
                    WRITERS,
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    Throng.pauses(theirs),
                    Throng.pauses(others));
            assertThat(theirs).isNotEmpty();
        }
    }
}
