package memfuse.cluster.settings;

import java.time.Duration;
import java.util.List;

/**
 * How this node is reached by other nodes, and how it finds them.
 *
 * @param port 0: any free one
 * @param seedNodes nodes to join by; empty: none
 * @param serviceName label {@code app} of the nodes' pods, with {@link Discovery#KUBERNETES_API}
 * @param requiredContactPoints nodes that have to be found before they begin a new cluster, with the same
 * @param joinTimeout from the start until the node is a member
 */
public record ClusterSettings(
        String host,
        int port,
        List<SeedNode> seedNodes,
        Discovery discovery,
        String serviceName,
        int requiredContactPoints,
        Duration joinTimeout) {

    /** How nodes are found without a list of them. */
    public enum Discovery {
        /** Not at all. */
        NONE,
        /** By the API of Kubernetes. */
        KUBERNETES_API
    }

    public ClusterSettings {
        seedNodes = List.copyOf(seedNodes);
    }

    static ClusterSettings from(SettingsReader cluster, ManagementSettings management) {
        List<SeedNode> seedNodes = SeedNode.listOf(cluster.text("seed-nodes"))
                .orElseThrow(() -> cluster.refusal("seed-nodes", "empty or host:port,host:port"));
        boolean kubernetes =
                cluster.oneOf("discovery", "none", "kubernetes-api").equals("kubernetes-api");
        if (kubernetes && !seedNodes.isEmpty()) {
            throw cluster.refusal("discovery", "none where there are memfuse.cluster.seed-nodes");
        }
        if (kubernetes && management.port().isEmpty()) {
            throw cluster.refusal("discovery", "none where memfuse.management.port is off");
        }
        return new ClusterSettings(
                cluster.filledText("host"),
                cluster.number("port", 0, 65_535),
                seedNodes,
                kubernetes ? Discovery.KUBERNETES_API : Discovery.NONE,
                cluster.filledText("service-name"),
                cluster.number("required-contact-points", 1, 100),
                cluster.duration("join-timeout", Duration.ofSeconds(5), Duration.ofHours(1)));
    }

    /** Whether the node is to be one of several. */
    public boolean hasOthers() {
        return !seedNodes.isEmpty() || discovery != Discovery.NONE;
    }
}
