package memfuse.cluster.sharding;

import static memfuse.cluster.sharding.StragglerFlush.MAX_USERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.junit.jupiter.api.Test;

/** The users' answers and the journal's are given by hand; a user is asked in "asked", with the time that is left. */
class StragglerFlushTest {
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final Deque<List<String>> dirty = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final List<Duration> limits = new ArrayList<>();
    private long nanos;

    private CompletionStage<Reply> answer(String userId, Duration limit) {
        asked.add(userId);
        limits.add(limit);
        return switch (userId) {
            case "slow" -> CompletableFuture.failedFuture(new TimeoutException());
            case "busy" -> CompletableFuture.completedFuture(new Refused(ErrorCode.OVERLOADED, "later", "busy"));
            case "erased" -> CompletableFuture.completedFuture(new Refused(ErrorCode.NOT_FOUND, "gone", "erased"));
            default -> CompletableFuture.completedFuture(new FlushCompleted(2));
        };
    }

    private FlushedBuffers flush() {
        StragglerFlush flush = new StragglerFlush(
                limit -> {
                    nanos += 1_000;
                    return CompletableFuture.completedFuture(dirty.isEmpty() ? List.of() : dirty.remove());
                },
                this::answer,
                () -> nanos);
        return flush.flush(LIMIT).toCompletableFuture().join();
    }

    @Test
    void flushesThemWhereverTheyAreAndCountsThoseThatAreLeft() {
        assertThat(flush()).isEqualTo(new FlushedBuffers(0, List.of(), 0));

        dirty.add(List.of("ann", "slow", "bob", "erased", "busy"));
        assertThat(flush()).isEqualTo(new FlushedBuffers(4, List.of(), 2));
        assertThat(asked).containsExactly("ann", "slow", "bob", "erased", "busy");
        assertThat(limits).containsOnly(LIMIT.minusNanos(1_000));
    }

    @Test
    void goesOnWhileTheJournalMayHoldMoreAndAsksWhoWritesOnOnce() {
        List<String> many =
                IntStream.range(0, MAX_USERS).mapToObj(user -> "user-" + user).toList();
        dirty.add(many);
        dirty.add(Stream.concat(Stream.of("carl"), many.stream().skip(1)).toList());
        dirty.add(many);
        dirty.add(List.of("who is new"));
        assertThat(flush()).isEqualTo(new FlushedBuffers(2 * (MAX_USERS + 1), List.of(), 0));
        assertThat(asked).hasSize(MAX_USERS + 1).doesNotHaveDuplicates().last().isEqualTo("carl");
    }

    @Test
    void doesNotGoOnBehindSomeoneWhoIsLeft() {
        dirty.add(Stream.concat(Stream.of("slow"), IntStream.range(1, MAX_USERS).mapToObj(user -> "user-" + user))
                .toList());
        dirty.add(List.of("not asked"));
        assertThat(flush()).isEqualTo(new FlushedBuffers(2 * (MAX_USERS - 1), List.of(), 1));
        assertThat(asked).doesNotContain("not asked");
    }
}
