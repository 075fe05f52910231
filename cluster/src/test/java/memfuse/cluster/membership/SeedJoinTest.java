package memfuse.cluster.membership;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import memfuse.protocol.store.NodeRegister;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The first seed node, which reaches no other one. */
class SeedJoinTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String OTHER = "127.0.0.1:1";

    private final ActorTestKit kit = ActorTestKit.create(
            "memfuse",
            ConfigFactory.parseString("pekko.cluster.seed-node-timeout = 200ms").withFallback(ConfigFactory.load()));
    private final Cluster cluster = Cluster.get(kit.system());

    /** A register in memory. */
    private static final class Seen implements NodeRegister {
        private final Set<String> nodes = ConcurrentHashMap.newKeySet();
        private final Semaphore looks = new Semaphore(0);

        @Override
        public void seen(String address) {
            nodes.add(address);
        }

        @Override
        public void gone(String address) {
            nodes.remove(address);
        }

        @Override
        public boolean othersSeen(String address, Duration lately) {
            looks.release();
            return nodes.stream().anyMatch(node -> !node.equals(address));
        }
    }

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void beginsNoClusterWhileTheDatabaseSeesOthers() throws Exception {
        Seen register = new Seen();
        register.seen(OTHER);
        join(register);
        assertThat(register.looks.tryAcquire(4, LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.removed());

        register.gone(OTHER);
        awaitUp();
    }

    @Test
    void beginsAClusterAndSaysThatItIsThereUntilItEnds() {
        Seen register = new Seen();
        join(register);
        NodeBeat.start(kit.system(), register);
        awaitUp();
        String self = cluster.selfMember().address().hostPort();
        kit.createTestProbe().awaitAssert(LIMIT, () -> {
            assertThat(register.nodes).containsExactly(self);
            return self;
        });
        kit.shutdownTestKit();
        assertThat(register.nodes).isEmpty();
    }

    private void join(NodeRegister register) {
        Address self = cluster.selfMember().address();
        SeedJoin.start(kit.system(), List.of(self, new Address("pekko", "memfuse", "127.0.0.1", 1)), register);
    }

    private void awaitUp() {
        kit.createTestProbe().awaitAssert(LIMIT, () -> {
            assertThat(cluster.selfMember().status()).isEqualTo(MemberStatus.up());
            return cluster;
        });
    }
}
