package memfuse.cluster.sharding;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/** What users answer who were asked to flush. */
final class UserFlushes {
    private UserFlushes() {}

    /** What came of all of them, when the last has answered, or has not in time. Never fails. */
    static CompletableFuture<FlushedBuffers> sum(List<? extends CompletionStage<Reply>> replies) {
        List<CompletableFuture<FlushedBuffers>> flushes = replies.stream()
                .map(reply -> reply.toCompletableFuture().handle((answer, failure) -> flushed(answer)))
                .toList();
        return CompletableFuture.allOf(flushes.toArray(CompletableFuture[]::new))
                .thenApply(done -> flushes.stream()
                        .map(CompletableFuture::join)
                        .reduce(FlushedBuffers.NOTHING, FlushedBuffers::and));
    }

    /** Of a user who is refused for good, because it is being erased, nothing is left to be flushed. */
    private static FlushedBuffers flushed(@Nullable Reply reply) {
        if (reply instanceof FlushCompleted completed) {
            return new FlushedBuffers(completed.sessions(), 0);
        }
        boolean forGood = reply instanceof Refused refused && !refused.code().retriable();
        return new FlushedBuffers(0, forGood ? 0 : 1);
    }
}
