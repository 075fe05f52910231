package memfuse.cluster.membership;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.settings.ManagementSettings;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.management.javadsl.PekkoManagement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The port of {@code /ready}, {@code /alive} and {@code /cluster/members}; nothing can be changed there. */
public final class ManagementPort {
    private static final Logger LOG = LoggerFactory.getLogger(ManagementPort.class);

    private ManagementPort() {}

    /**
     * Listens, where the settings say so; it leaves with the actor system.
     *
     * @return completes when it listens; fails with {@link ClusterStartException} where the address cannot be listened on
     */
    public static CompletionStage<Void> open(ActorSystem<?> system, ManagementSettings settings) {
        if (settings.port().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        String address = settings.host() + ":" + settings.port().getAsInt();
        return PekkoManagement.get(system).start().handle((uri, failure) -> {
            if (failure != null) {
                throw ClusterStartException.ofListening("memfuse.management.port", address, failure)
                        .orElseThrow(() -> new CompletionException(failure));
            }
            LOG.info("management on {}", uri);
            return null;
        });
    }
}
