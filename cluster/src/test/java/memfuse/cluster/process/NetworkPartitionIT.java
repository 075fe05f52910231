package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import memfuse.cluster.process.Throng.Side;
import memfuse.cluster.process.Transcript.Round;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * One node of three is cut off from the other two, which none of them is told: the hard case, because clients and
 * PostgreSQL are reached from both sides, so both could write. Each user has a client on each side, and the two write to
 * the same sessions. The side of the majority goes on; the other one falls silent before that takes its users over, and
 * ends. Started again while it is cut off, it begins no cluster of its own, the first of the seed nodes neither.
 */
@Tag("long")
class NetworkPartitionIT {
    private static final int USERS = 16;
    private static final int NODES = 3;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(NetworkPartitionIT.class);
    private final Random random = seed.random(0);

    /** The node of the singletons and of the shards' coordinator. */
    @Test
    void leavesOneWriterWhenTheOldestNodeIsCutOff() throws Exception {
        try (NodeNetworks networks = NodeNetworks.of(NODES);
                Nodes nodes = Nodes.start(scene, NODES, networks)) {
            cutOff(nodes.oldest(), "the oldest node", nodes, networks);
        }
    }

    @Test
    void leavesOneWriterWhenAnyOtherNodeIsCutOff() throws Exception {
        try (NodeNetworks networks = NodeNetworks.of(NODES);
                Nodes nodes = Nodes.start(scene, NODES, networks)) {
            int other = (nodes.oldest() + 1 + random.nextInt(NODES - 1)) % NODES;
            cutOff(other, "another node", nodes, networks);
        }
    }

    private void cutOff(int minority, String which, Nodes nodes, NodeNetworks networks) throws Exception {
        Side alone = new Side("minority", List.of(minority));
        Side most = new Side(
                "majority",
                IntStream.range(0, NODES)
                        .filter(node -> node != minority)
                        .boxed()
                        .toList());
        try (Throng throng = Throng.startOnTwoSides(nodes, USERS, seed, most, alone)) {
            throng.awaitProgress(5);
            int[] placement = nodes.placement();
            Predicate<String> moved = userId -> placement[Nodes.shardOf(userId)] == minority;
            long cutNanos = System.nanoTime();
            networks.cutOff(List.of(minority));
            long wholeCutNanos = System.nanoTime();
            throng.awaitProgress(5, most::equals);
            assertThat(nodes.process(minority).awaitEnd()).isEqualTo(1);
            nodes.awaitAllUp();
            List<Duration> ofMoved = throng.pausesSince(cutNanos, moved, most::equals);
            List<Duration> ofOthers = throng.pausesSince(cutNanos, moved.negate(), most::equals);

            nodes.spawnAgain(minority);
            if (minority == 0) {
                Await.until(
                        "it waits for the others",
                        Duration.ofMinutes(1),
                        () -> nodes.process(minority)
                                .output()
                                .contains("waiting for nodes that the database has seen lately"));
            }
            networks.heal();
            long healedNanos = System.nanoTime();
            nodes.process(minority).awaitReady();
            nodes.awaitAllUp();
            throng.awaitProgress(2);
            Verdict verdict = throng.finish("NetworkPartitionIT");
            List<Succession> successions = successions(throng, most, alone, moved, wholeCutNanos, healedNanos);
            System.out.printf(
                    "NetworkPartitionIT: %s was cut off; %d messages acknowledged, %d lost, %d twice, %d without an answer;"
                            + " on the side of the majority its users: %s; others: %s%n",
                    which,
                    verdict.acknowledged(),
                    verdict.lost(),
                    verdict.duplicated(),
                    verdict.unacknowledged(),
                    Throng.pauses(ofMoved),
                    Throng.pauses(ofOthers));
            System.out.printf(
                    "NetworkPartitionIT: of %d users it answered until %.1f s after the cut, the others from %.1f s on; the"
                            + " shortest silence of a user between the two was %.1f s%n",
                    successions.size(),
                    successions.stream()
                            .mapToDouble(one -> seconds(one.lastNanos() - cutNanos))
                            .max()
                            .orElse(0),
                    successions.stream()
                            .mapToDouble(one -> seconds(one.firstNanos() - cutNanos))
                            .min()
                            .orElse(0),
                    successions.stream()
                            .mapToDouble(one -> seconds(one.firstNanos() - one.lastNanos()))
                            .min()
                            .orElse(0));
            assertThat(ofMoved).isNotEmpty();
            assertThat(successions).isNotEmpty().allMatch(one -> one.firstNanos() - one.lastNanos() > 0);
        }
    }

    /**
     * How a user went from one side to the other.
     *
     * @param lastNanos when the node that was cut off acknowledged something for the last time
     * @param firstNanos when the majority did for the first time of what was sent after the cut
     */
    private record Succession(long lastNanos, long firstNanos) {}

    private static List<Succession> successions(
            Throng throng, Side most, Side alone, Predicate<String> moved, long cutNanos, long healedNanos) {
        List<Transcript> before = throng.transcripts(alone);
        List<Transcript> after = throng.transcripts(most);
        Set<String> users =
                before.stream().map(Transcript::userId).filter(moved).collect(Collectors.toSet());
        List<Succession> successions = new ArrayList<>();
        for (String userId : users) {
            Optional<Long> last = acknowledged(before, userId)
                    .map(Round::answeredNanos)
                    .filter(nanos -> nanos - healedNanos < 0)
                    .max(Comparator.comparingLong(nanos -> nanos - cutNanos));
            Optional<Long> first = acknowledged(after, userId)
                    .filter(round -> round.sentNanos() - cutNanos > 0)
                    .map(Round::answeredNanos)
                    .min(Comparator.comparingLong(nanos -> nanos - cutNanos));
            successions.add(new Succession(last.orElseThrow(), first.orElseThrow()));
        }
        return successions;
    }

    private static Stream<Round> acknowledged(List<Transcript> transcripts, String userId) {
        return transcripts.stream()
                .filter(transcript -> transcript.userId().equals(userId))
                .flatMap(transcript -> transcript.rounds().stream())
                .filter(Round::isAcknowledged);
    }

    private static double seconds(long nanos) {
        return nanos / 1e9;
    }
}
