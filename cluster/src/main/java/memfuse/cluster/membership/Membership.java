package memfuse.cluster.membership;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import memfuse.cluster.settings.ClusterSettings;
import memfuse.cluster.settings.ClusterSettings.Discovery;
import memfuse.cluster.settings.SeedNode;
import memfuse.protocol.store.NodeRegister;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.management.cluster.bootstrap.ClusterBootstrap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a node a member of its cluster: of its own one, of that of the seed nodes, or of that of the found ones. */
public final class Membership {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

    private Membership() {}

    /**
     * Begins to join.
     *
     * @param register of the nodes that use the same database
     * @return completes when the node is a member that takes users; fails with {@link ClusterStartException} when that is
     *     not so in time
     */
    public static CompletionStage<Void> join(ActorSystem<?> system, ClusterSettings settings, NodeRegister register) {
        CompletableFuture<Void> up = new CompletableFuture<>();
        org.apache.pekko.cluster.Cluster.get(system).registerOnMemberUp(() -> up.complete(null));
        Cluster cluster = Cluster.get(system);
        if (settings.discovery() == Discovery.KUBERNETES_API) {
            LOG.info("looking for the nodes of {}", settings.serviceName());
            ClusterBootstrap.get(system).start();
        } else if (settings.seedNodes().isEmpty()) {
            cluster.manager().tell(Join.create(cluster.selfMember().address()));
        } else {
            LOG.info("joining by {}", names(settings.seedNodes()));
            SeedJoin.start(system, addresses(system, settings.seedNodes()), register);
        }
        if (settings.hasOthers()) {
            NodeBeat.start(system, register);
        }
        return up.orTimeout(settings.joinTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(late -> {
                    throw new ClusterStartException(notJoined(settings), late);
                });
    }

    private static List<Address> addresses(ActorSystem<?> system, List<SeedNode> nodes) {
        return nodes.stream()
                .map(node -> new Address("pekko", system.name(), node.host(), node.port()))
                .toList();
    }

    private static String notJoined(ClusterSettings settings) {
        String others = settings.discovery() == Discovery.KUBERNETES_API
                ? "with the pods of memfuse.cluster.service-name=" + settings.serviceName()
                : settings.seedNodes().isEmpty()
                        ? "of its own"
                        : "by memfuse.cluster.seed-nodes=" + names(settings.seedNodes());
        return String.format(
                Locale.ROOT,
                "the node did not become a member of a cluster %s within %d s; its own address is %s:%d",
                others,
                settings.joinTimeout().toSeconds(),
                settings.host(),
                settings.port());
    }

    private static String names(List<SeedNode> nodes) {
        return nodes.stream().map(SeedNode::toString).collect(Collectors.joining(","));
    }
}
