package memfuse.cluster.sharding;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.sharding.NodeFlusher.NodeFlushed;
import memfuse.protocol.user.UserProtocol.Reply;

/**
 * Flushes users by what the journal holds, wherever they live, when the nodes have flushed all that are awake: a user who
 * moves from one node to another just then is awake on neither. Thread-safe.
 */
final class StragglerFlush {
    /** Users that are asked at a time, the ones that wait longest. */
    static final int MAX_USERS = 500;

    private final IntFunction<CompletionStage<List<String>>> dirtyUsers;
    private final Asking asking;
    private final LongSupplier nanoTime;

    /** Has a user flush, who is woken for it. */
    @FunctionalInterface
    interface Asking {
        CompletionStage<Reply> flush(String userId, Duration limit);
    }

    /**
     * Reads which users are dirty, and asks them.
     *
     * @param dirtyUsers of users with journaled messages that are not in the layers, at most so many
     */
    StragglerFlush(IntFunction<CompletionStage<List<String>>> dirtyUsers, Asking asking, LongSupplier nanoTime) {
        this.dirtyUsers = dirtyUsers;
        this.asking = asking;
        this.nanoTime = nanoTime;
    }

    /** Flushes; who goes on writing meanwhile is asked once. */
    CompletionStage<FlushedBuffers> flush(Duration limit) {
        return flushNext(new HashSet<>(), nanoTime.getAsLong() + limit.toNanos());
    }

    private CompletionStage<FlushedBuffers> flushNext(Set<String> asked, long deadlineNanos) {
        return dirtyUsers.apply(MAX_USERS).thenCompose(found -> {
            List<String> next = found.stream().filter(asked::add).toList();
            CompletionStage<FlushedBuffers> flushed = flush(next, deadlineNanos);
            boolean all = found.size() < MAX_USERS || next.isEmpty();
            return all ? flushed : flushed.thenCompose(before -> orLater(before, asked, deadlineNanos));
        });
    }

    private CompletionStage<FlushedBuffers> orLater(FlushedBuffers before, Set<String> asked, long deadlineNanos) {
        return before.isWhole()
                ? flushNext(asked, deadlineNanos).thenApply(before::and)
                : CompletableFuture.completedFuture(before);
    }

    private CompletionStage<FlushedBuffers> flush(List<String> userIds, long deadlineNanos) {
        Duration left = Duration.ofNanos(Math.max(1, deadlineNanos - nanoTime.getAsLong()));
        List<CompletableFuture<NodeFlushed>> flushes = userIds.stream()
                .map(userId -> asking.flush(userId, left)
                        .toCompletableFuture()
                        .handle((reply, failure) -> NodeFlusher.ofUser(reply)))
                .toList();
        return NodeFlusher.sum(flushes)
                .thenApply(sum -> new FlushedBuffers(sum.sessions(), List.of(), sum.usersLeft()));
    }
}
