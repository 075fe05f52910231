package memfuse.actors.user;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Blocking work that a user's actor has given away and will answer somebody for: counted, so that the actor does not end
 * before. Owned by one actor.
 */
final class StoreWork {
    private final Executor executor;
    private final Continuations continuations;
    private int underWay;

    StoreWork(Executor executor, Continuations continuations) {
        this.executor = executor;
        this.continuations = continuations;
    }

    /** Does {@code work} elsewhere and then, on the actor, {@code next}: with the result, or with null and the failure. */
    <T> void run(Supplier<T> work, BiConsumer<@Nullable T, @Nullable Throwable> next) {
        underWay++;
        continuations.then(CompletableFuture.supplyAsync(work, executor), (result, failure) -> {
            underWay--;
            next.accept(result, failure);
        });
    }

    /** Does {@code work} that has no result elsewhere and then, on the actor, {@code next}: with null or the failure. */
    void run(Runnable work, Consumer<@Nullable Throwable> next) {
        run(
                () -> {
                    work.run();
                    return true;
                },
                (done, failure) -> next.accept(failure));
    }

    int size() {
        return underWay;
    }
}
