package memfuse.cluster.membership;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.MemberStatus;

/**
 * Whether this node should get requests now: it is a member, serves, is not about to stop, and what it needs is there.
 * Answered from memory. One for each actor system; thread-safe.
 */
public final class NodeReadiness implements Extension {
    private static final Id ID = new Id();

    private final ActorSystem<?> system;
    private volatile Supplier<Optional<String>> services = () -> Optional.of("the node is starting");

    private static final class Id extends ExtensionId<NodeReadiness> {
        @Override
        public NodeReadiness createExtension(ActorSystem<?> system) {
            return new NodeReadiness(system);
        }
    }

    private NodeReadiness(ActorSystem<?> system) {
        this.system = system;
    }

    /** The one of this actor system. */
    public static NodeReadiness of(ActorSystem<?> system) {
        return ID.apply(system);
    }

    /**
     * The node serves from now on.
     *
     * @param missing what it needs and has not, now; empty where that is nothing
     */
    public void serving(Supplier<Optional<String>> missing) {
        services = missing;
    }

    /** Why the node should get no requests now; empty where it should. */
    public Optional<String> notReadyBecause() {
        if (CoordinatedShutdown.get(system).getShutdownReason().isPresent()) {
            return Optional.of("the node is stopping");
        }
        MemberStatus status = Cluster.get(system).selfMember().status();
        if (!status.equals(MemberStatus.up())) {
            return Optional.of("the node is not up in its cluster: " + status);
        }
        return services.get();
    }
}
