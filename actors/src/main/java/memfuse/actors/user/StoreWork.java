package memfuse.actors.user;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
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
    private final BooleanSupplier mayServe;
    private int underWay;

    /** @param mayServe when this is false in the end, what was done is not told: another node may not know of it */
    StoreWork(Executor executor, Continuations continuations, BooleanSupplier mayServe) {
        this.executor = executor;
        this.continuations = continuations;
        this.mayServe = mayServe;
    }

    /** Does {@code work} elsewhere and then, on the actor, {@code next}: with the result, or with null and the failure. */
    <T> void run(Supplier<T> work, BiConsumer<@Nullable T, @Nullable Throwable> next) {
        underWay++;
        continuations.then(CompletableFuture.supplyAsync(work, executor), (result, failure) -> {
            underWay--;
            if (failure == null && !mayServe.getAsBoolean()) {
                next.accept(null, new IllegalStateException(Refusals.MOVES));
            } else {
                next.accept(result, failure);
            }
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
