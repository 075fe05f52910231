package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol.Reply;

/**
 * Flushes all that the journal holds when it begins: it names the users, and they are asked wherever they live, those as
 * well who live on no node because they move, or because theirs has died. Thread-safe.
 */
final class JournalFlush {
    /** Users that are asked at a time, the ones that wait longest. */
    static final int MAX_USERS = 500;

    private final LayerStore store;
    private final Executor storeExecutor;
    private final Asking asking;
    private final LongSupplier nanoTime;

    /** Has a user flush, who is woken for it. */
    @FunctionalInterface
    interface Asking {
        CompletionStage<Reply> flush(String userId, Duration limit);
    }

    /** @param storeExecutor for blocking work */
    JournalFlush(LayerStore store, Executor storeExecutor, Asking asking, LongSupplier nanoTime) {
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.asking = asking;
        this.nanoTime = nanoTime;
    }

    /** Flushes; what is journaled meanwhile is not waited for. */
    CompletionStage<FlushedBuffers> flush(Duration limit) {
        long deadlineNanos = nanoTime.getAsLong() + limit.toNanos();
        return CompletableFuture.supplyAsync(store::lastUnflushed, storeExecutor)
                .thenCompose(upTo -> flushNext(upTo, new HashSet<>(), deadlineNanos));
    }

    /** Each user is asked once; then the journal has nothing of theirs up to the place, or they are left. */
    private CompletionStage<FlushedBuffers> flushNext(long upTo, Set<String> asked, long deadlineNanos) {
        return CompletableFuture.supplyAsync(() -> store.dirtyUsers(MAX_USERS, upTo), storeExecutor)
                .thenCompose(found -> {
                    List<String> next = found.stream().filter(asked::add).toList();
                    return next.isEmpty()
                            ? CompletableFuture.completedFuture(FlushedBuffers.NOTHING)
                            : ask(next, deadlineNanos)
                                    .thenCompose(flushed -> flushed.isWhole()
                                            ? flushNext(upTo, asked, deadlineNanos)
                                                    .thenApply(flushed::and)
                                            : CompletableFuture.completedFuture(flushed));
                });
    }

    private CompletionStage<FlushedBuffers> ask(List<String> userIds, long deadlineNanos) {
        Duration left = Duration.ofNanos(Math.max(1, deadlineNanos - nanoTime.getAsLong()));
        return UserFlushes.sum(
                userIds.stream().map(userId -> asking.flush(userId, left)).toList());
    }
}
