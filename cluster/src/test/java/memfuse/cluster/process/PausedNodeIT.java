package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A node stands still for so long that the others take its users over, and then goes on as if nothing had been. It must
 * acknowledge nothing that the others do not know of, and end.
 */
@DisabledOnOs(OS.WINDOWS)
@Tag("long")
class PausedNodeIT {
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final int WRITERS = 16;
    private static final int NODES = 3;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(PausedNodeIT.class);
    private final Random random = seed.random(0);

    @Test
    void writesNothingAnyMoreThatOthersDoNotKnowOf() throws Exception {
        try (Nodes nodes = Nodes.start(scene, NODES);
                Throng throng = Throng.start(nodes, WRITERS, seed)) {
            throng.awaitProgress(5);
            int paused = random.nextInt(NODES);
            int[] placement = nodes.placement();
            Map<String, Integer> entries = throng.entries();
            long pausedNanos = System.nanoTime();
            nodes.process(paused).signal("-STOP");
            Await.pass(PAUSE);
            nodes.process(paused).signal("-CONT");
            assertThat(nodes.process(paused).awaitEnd()).isEqualTo(1);
            nodes.awaitAllUp();
            throng.awaitProgress(5);
            List<Duration> itsUsers = throng.pausesSince(
                    pausedNanos,
                    userId ->
                            placement[Nodes.shardOf(userId)] == paused && !Objects.equals(entries.get(userId), paused));
            List<Duration> others = throng.pausesSince(
                    pausedNanos,
                    userId ->
                            placement[Nodes.shardOf(userId)] != paused && !Objects.equals(entries.get(userId), paused));
            nodes.startAgain(paused);
            nodes.awaitAllUp();
            throng.awaitProgress(2);
            Verdict verdict = throng.finish("PausedNodeIT");
            System.out.printf(
                    "PausedNodeIT: stood still for %d s; %d messages acknowledged, %d lost, %d twice; its users %s; others"
                            + " %s; requests without an answer: %d%n",
                    PAUSE.toSeconds(),
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    Throng.pauses(itsUsers),
                    Throng.pauses(others),
                    throng.brokenOff().size());
        }
    }
}
