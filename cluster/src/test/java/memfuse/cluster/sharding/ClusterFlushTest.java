package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.sharding.NodeFlusher.FlushNode;
import memfuse.cluster.sharding.NodeFlusher.NodeFlushed;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes in one JVM, with flushers by hand. */
class ClusterFlushTest {
    private static final int NODES = 3;
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration PATIENT = Duration.ofSeconds(60);

    /** For a node that never answers, and for two that answer at once. */
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final List<ActorTestKit> nodes = new ArrayList<>();

    @BeforeEach
    void formACluster() {
        for (int node = 0; node < NODES; node++) {
            nodes.add(ActorTestKit.create("memfuse", ConfigFactory.load()));
        }
        nodes.forEach(node -> Cluster.get(node.system())
                .manager()
                .tell(Join.create(
                        Cluster.get(nodes.get(0).system()).selfMember().address())));
        nodes.forEach(node -> node.createTestProbe().awaitAssert(START_LIMIT, () -> {
            assertThat(Cluster.get(node.system()).state().getMembers())
                    .hasSize(NODES)
                    .allMatch(member -> member.status().equals(MemberStatus.up()));
            return null;
        }));
    }

    @AfterEach
    void stop() {
        nodes.forEach(ActorTestKit::shutdownTestKit);
    }

    @Test
    void addsUpAllNodesAndNamesThoseThatHaveSomethingLeft() throws Exception {
        flusher(0, new NodeFlushed(1, 0));
        flusher(1, new NodeFlushed(2, 0));
        assertThat(flush(0, LIMIT))
                .as("the third does not answer, as one of an earlier version")
                .isEqualTo(new FlushedBuffers(3, List.of(addressOf(2)), 0));

        flusher(2, new NodeFlushed(4, 0), new NodeFlushed(4, 0), new NodeFlushed(4, 1));
        for (int asked : List.of(0, 2)) {
            assertThat(flush(asked, PATIENT)).isEqualTo(new FlushedBuffers(7, List.of(), 0));
        }
        assertThat(flush(1, PATIENT))
                .as("of the third, a user is left")
                .isEqualTo(new FlushedBuffers(7, List.of(addressOf(2)), 0));
    }

    /** A flusher that gives these answers, one after the other, and then the last one again. */
    private void flusher(int node, NodeFlushed... answers) {
        Deque<NodeFlushed> left = new ArrayDeque<>(List.of(answers));
        nodes.get(node)
                .system()
                .systemActorOf(
                        Behaviors.receive(FlushNode.class)
                                .onMessage(FlushNode.class, flush -> {
                                    flush.replyTo().tell(left.size() > 1 ? left.remove() : left.element());
                                    return Behaviors.same();
                                })
                                .build(),
                        NodeFlusher.NAME,
                        Props.empty());
    }

    private FlushedBuffers flush(int node, Duration limit) throws Exception {
        return new ClusterFlush(nodes.get(node).system())
                .flush(limit)
                .get(START_LIMIT.toSeconds() * 2, TimeUnit.SECONDS);
    }

    private String addressOf(int node) {
        ActorSystem<?> system = nodes.get(node).system();
        return Cluster.get(system).selfMember().address().hostPort();
    }
}
