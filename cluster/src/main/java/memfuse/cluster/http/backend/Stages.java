package memfuse.cluster.http.backend;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Takes stages over from Pekko. */
public final class Stages {
    private Stages() {}

    /**
     * A future of our own that ends as {@code stage} does, completed on {@code executor}.
     *
     * <p>A stage made of a Scala future runs whatever follows it on the common pool, which on a small machine starts a
     * thread for each continuation; a plain future runs it on the thread that completes it.
     */
    public static <T> CompletableFuture<T> continuedOn(Executor executor, CompletionStage<T> stage) {
        CompletableFuture<T> ours = new CompletableFuture<>();
        stage.whenCompleteAsync(
                (value, failure) -> {
                    if (failure == null) {
                        ours.complete(value);
                    } else {
                        ours.completeExceptionally(failure);
                    }
                },
                executor);
        return ours;
    }
}
