package memfuse.cluster.sharding;

import static memfuse.cluster.sharding.JournalFlush.MAX_USERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.junit.jupiter.api.Test;

/** Users with a session each, who answer by their names. */
class JournalFlushTest {
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private final InMemoryDirectory directory = new InMemoryDirectory();
    private final InMemoryLayerStore store = new InMemoryLayerStore(directory, false);
    private final List<String> asked = new ArrayList<>();
    private final List<Duration> limits = new ArrayList<>();
    private final Map<String, Long> journaled = new HashMap<>();
    private long nanos;

    private void append(String userId) {
        String sessionId = "s-" + userId;
        if (directory.session(sessionId).isEmpty()) {
            directory.create(EntityKind.USER, new Entity(userId, userId, null, Instant.EPOCH, Instant.EPOCH));
            directory.createSession(new Session(sessionId, userId, "a", "name", Instant.EPOCH, Instant.EPOCH));
        }
        store.journaled(sessionId, journaled.merge(userId, 1L, Long::sum));
    }

    private CompletionStage<Reply> answer(String userId, Duration limit) {
        asked.add(userId);
        limits.add(limit);
        nanos += 1_000;
        return switch (userId) {
            case "slow" -> CompletableFuture.failedFuture(new TimeoutException());
            case "busy" -> CompletableFuture.completedFuture(new Refused(ErrorCode.OVERLOADED, "later", "busy"));
            case "erased" -> CompletableFuture.completedFuture(new Refused(ErrorCode.NOT_FOUND, "gone", "erased"));
            default -> {
                store.flush(List.of(new FlushBuilder(userId, "s-" + userId)
                        .upTo(journaled.getOrDefault(userId, 0L))
                        .build()));
                if (userId.startsWith("writer")) {
                    append(userId);
                    append("new " + asked.size());
                }
                yield CompletableFuture.completedFuture(new FlushCompleted(2));
            }
        };
    }

    private FlushedBuffers flush() {
        return new JournalFlush(store, Runnable::run, this::answer, () -> nanos)
                .flush(LIMIT)
                .toCompletableFuture()
                .join();
    }

    @Test
    void flushesThemWhereverTheyAreAndCountsThoseThatAreLeft() {
        assertThat(flush()).isEqualTo(FlushedBuffers.NOTHING);

        List<String> users = List.of("ann", "slow", "bob", "erased", "busy");
        users.forEach(this::append);
        assertThat(flush()).isEqualTo(new FlushedBuffers(4, 2));
        assertThat(asked).isEqualTo(users);
        assertThat(limits).containsOnly(LIMIT);
    }

    @Test
    void goesOnUntilTheJournalHoldsNothingThatItHeldAtTheBeginning() {
        List<String> users = IntStream.rangeClosed(0, 2 * MAX_USERS)
                .mapToObj(user -> "user-" + user)
                .toList();
        users.forEach(this::append);
        assertThat(flush()).isEqualTo(new FlushedBuffers(2 * users.size(), 0));
        assertThat(asked).isEqualTo(users);
        assertThat(limits.get(limits.size() - 1)).isEqualTo(LIMIT.minusNanos(2_000L * MAX_USERS));
        assertThat(store.lastUnflushed()).isZero();
    }

    @Test
    void waitsForNothingThatIsJournaledMeanwhile() {
        List.of("writer-1", "writer-2").forEach(this::append);
        assertThat(flush()).isEqualTo(new FlushedBuffers(4, 0));
        assertThat(asked).containsExactly("writer-1", "writer-2");
        assertThat(store.dirtyUsers(10, Long.MAX_VALUE)).hasSize(4);
    }

    @Test
    void doesNotGoOnBehindSomeoneWhoIsLeft() {
        Stream.concat(Stream.of("slow"), IntStream.rangeClosed(0, MAX_USERS).mapToObj(user -> "user-" + user))
                .forEach(this::append);
        assertThat(flush()).isEqualTo(new FlushedBuffers(2 * (MAX_USERS - 1), 1));
        assertThat(asked).hasSize(MAX_USERS);
    }
}
