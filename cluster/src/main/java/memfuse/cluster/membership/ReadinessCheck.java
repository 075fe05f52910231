package memfuse.cluster.membership;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;

/** {@link NodeReadiness} for {@code /ready} of the management's port, which makes it by the name in the configuration. */
public final class ReadinessCheck implements Supplier<CompletionStage<Boolean>> {
    private final NodeReadiness readiness;

    public ReadinessCheck(ActorSystem system) {
        readiness = NodeReadiness.of(Adapter.toTyped(system));
    }

    @Override
    public CompletionStage<Boolean> get() {
        return CompletableFuture.completedFuture(readiness.notReadyBecause().isEmpty());
    }
}
