package memfuse.cluster.membership;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import memfuse.protocol.Cause;
import memfuse.protocol.store.NodeRegister;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.MemberStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.ExecutionContextExecutor;

/** Says in the database, again and again, that this node is a member of the cluster there. */
final class NodeBeat implements Runnable {
    /** Without a word for so long, a node is not counted on any more. */
    static final Duration LATELY = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(NodeBeat.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Set<MemberStatus> THERE = Set.of(MemberStatus.up(), MemberStatus.leaving());

    private final Cluster cluster;
    private final NodeRegister register;
    private final String address;

    private NodeBeat(Cluster cluster, NodeRegister register) {
        this.cluster = cluster;
        this.register = register;
        this.address = cluster.selfMember().address().hostPort();
    }

    /** Begins when the node has become a member; ends with the actor system, and says so. */
    static void start(ActorSystem<?> system, NodeRegister register) {
        Cluster cluster = Cluster.get(system);
        NodeBeat beat = new NodeBeat(cluster, register);
        ExecutionContextExecutor threads = threads(system);
        cluster.registerOnMemberUp(
                () -> system.scheduler().scheduleWithFixedDelay(Duration.ZERO, INTERVAL, beat, threads));
        CoordinatedShutdown.get(system)
                .addTask(
                        CoordinatedShutdown.PhaseBeforeActorSystemTerminate(),
                        "leave-the-register",
                        () -> CompletableFuture.supplyAsync(beat::end, threads));
    }

    /** The threads for what must not wait for others: an overloaded node is there all the same. */
    static ExecutionContextExecutor threads(ActorSystem<?> system) {
        return system.dispatchers().lookup(DispatcherSelector.fromConfig("memfuse-watch-dispatcher"));
    }

    @Override
    public void run() {
        if (THERE.contains(cluster.selfMember().status())) {
            tell(() -> register.seen(address));
        }
    }

    private Done end() {
        tell(() -> register.gone(address));
        return Done.getInstance();
    }

    private static void tell(Runnable word) {
        try {
            word.run();
        } catch (StoreException e) {
            LOG.debug("cannot tell the database of this node: {}", Cause.of(e));
        }
    }
}
