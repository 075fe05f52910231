package memfuse.cluster.membership;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import memfuse.protocol.Cause;
import memfuse.protocol.store.NodeRegister;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Joins by seed nodes. The first of them begins a new cluster where it reaches no other; so that it does not begin a second
 * one on the same database while it is only cut off, it waits for nodes that the database has seen lately.
 */
final class SeedJoin implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(SeedJoin.class);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);

    private final ActorSystem<?> system;
    private final Cluster cluster;
    private final List<Address> seedNodes;
    private final NodeRegister register;
    private boolean waiting;

    private SeedJoin(ActorSystem<?> system, List<Address> seedNodes, NodeRegister register) {
        this.system = system;
        this.cluster = Cluster.get(system);
        this.seedNodes = seedNodes;
        this.register = register;
    }

    static void start(ActorSystem<?> system, List<Address> seedNodes, NodeRegister register) {
        SeedJoin join = new SeedJoin(system, seedNodes, register);
        if (join.mayBeginACluster()) {
            NodeBeat.threads(system).execute(join);
        } else {
            join.joinBy(seedNodes);
        }
    }

    private boolean mayBeginACluster() {
        return seedNodes.size() > 1
                && seedNodes.get(0).equals(cluster.selfMember().address());
    }

    private void joinBy(List<Address> nodes) {
        cluster.manager().tell(new JoinSeedNodes(nodes));
    }

    @Override
    public void run() {
        if (!cluster.selfMember().status().equals(MemberStatus.removed())) {
            return; // a member by now; before it is one, a node counts as removed
        }
        if (!othersSeen()) {
            joinBy(seedNodes);
            return;
        }
        if (!waiting) {
            waiting = true;
            LOG.info("waiting for nodes that the database has seen lately; without them a new cluster would be begun");
            joinBy(Stream.concat(seedNodes.stream().skip(1), seedNodes.stream().limit(1))
                    .toList());
        }
        system.scheduler().scheduleOnce(LOOK_INTERVAL, this, NodeBeat.threads(system));
    }

    private boolean othersSeen() {
        try {
            return register.othersSeen(cluster.selfMember().address().hostPort(), NodeBeat.LATELY);
        } catch (StoreException e) {
            LOG.warn("cannot look for other nodes, it will be tried again: {}", Cause.of(e));
            return true;
        }
    }
}
