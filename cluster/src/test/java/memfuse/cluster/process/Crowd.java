package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Writers of several users at work on a server that is expected to answer them, whatever happens behind it. */
final class Crowd implements AutoCloseable {
    private static final int MESSAGES_PER_SESSION = 80;
    private static final Duration PROGRESS_LIMIT = Duration.ofMinutes(3);
    private static final Duration END_LIMIT = Duration.ofMinutes(3);

    private final List<Writer> writers = new ArrayList<>();
    private final List<AtomicInteger> acknowledged = new ArrayList<>();

    /** By user, when something was acknowledged. */
    private final Map<String, Queue<Long>> acknowledgedNanos = new ConcurrentHashMap<>();

    private final List<Future<?>> tasks = new ArrayList<>();
    private final ExecutorService threads;
    private volatile boolean goOn = true;

    private Crowd(int size) {
        threads = Executors.newFixedThreadPool(size);
    }

    /** Starts writers, two for each user, and returns when each has been acknowledged something. */
    static Crowd start(Client client, int size, Seed seed) throws IOException {
        Crowd crowd = new Crowd(size);
        String agentId = client.createAgent("agent_default");
        String userId = "";
        for (int w = 0; w < size; w++) {
            userId = w % 2 == 0 ? client.createUser("user " + w) : userId;
            Writer writer =
                    new Writer("w" + w, new SessionGroup(userId, agentId), MESSAGES_PER_SESSION, seed.random(w + 100));
            AtomicInteger count = new AtomicInteger();
            Queue<Long> times =
                    crowd.acknowledgedNanos.computeIfAbsent(userId, absent -> new ConcurrentLinkedQueue<>());
            Runnable onAcknowledged = () -> {
                times.add(System.nanoTime());
                count.incrementAndGet();
            };
            crowd.writers.add(writer);
            crowd.acknowledged.add(count);
            crowd.tasks.add(crowd.threads.submit(() -> {
                writer.run(client, () -> crowd.goOn, onAcknowledged);
                return null;
            }));
        }
        crowd.awaitProgress(1);
        return crowd;
    }

    /** Returns when each writer has been acknowledged so many more rounds; says how long the slowest took. */
    Duration awaitProgress(int rounds) {
        long startedNanos = System.nanoTime();
        List<Integer> goals =
                acknowledged.stream().map(count -> count.get() + rounds).toList();
        Await.until("every writer gets on", PROGRESS_LIMIT, () -> {
            assertThatNobodyFailed();
            for (int w = 0; w < goals.size(); w++) {
                if (acknowledged.get(w).get() < goals.get(w)) {
                    return false;
                }
            }
            return true;
        });
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** For each user, the longest time without an acknowledgement that did not end before then, ascending. */
    List<Duration> pausesSince(long nanos) {
        List<Duration> pauses = new ArrayList<>();
        for (Queue<Long> times : acknowledgedNanos.values()) {
            long longest = 0;
            long before = Long.MAX_VALUE;
            for (long time : times) {
                if (before != Long.MAX_VALUE && time - nanos > 0) {
                    longest = Math.max(longest, time - before);
                }
                before = time;
            }
            pauses.add(Duration.ofNanos(longest));
        }
        return pauses.stream().sorted().toList();
    }

    /** Requests that were refused for now. */
    int refusals() {
        return writers.stream().mapToInt(writer -> writer.refusals().size()).sum();
    }

    int acknowledgedRounds() {
        return acknowledged.stream().mapToInt(AtomicInteger::get).sum();
    }

    private void assertThatNobodyFailed() throws Exception {
        for (Future<?> task : tasks) {
            if (task.isDone()) {
                task.get();
            }
        }
    }

    /** Stops the writers; each must have been answered to its last request. */
    List<Transcript> finish() throws Exception {
        goOn = false;
        for (Future<?> task : tasks) {
            task.get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        return writers.stream().flatMap(w -> w.transcripts().stream()).toList();
    }

    /** How long answers took, in one line; after {@link #finish}. */
    String answerTimes() {
        List<Long> refusals = writers.stream()
                .flatMap(writer -> writer.refusals().stream())
                .map(Duration::toMillis)
                .sorted()
                .toList();
        long slowest = writers.stream()
                .mapToLong(writer -> writer.slowest().toMillis())
                .max()
                .orElse(0);
        String refused = refusals.isEmpty()
                ? "no refusals"
                : "%d refusals in %d ms at the median and %d ms at most"
                        .formatted(
                                refusals.size(), refusals.get(refusals.size() / 2), refusals.get(refusals.size() - 1));
        return refused + ", slowest acknowledgement " + slowest + " ms";
    }

    /** Compares with the histories of a server, and, after a flush, with the rows of its database. */
    static void assertThatNothingIsLost(String test, Client client, List<Transcript> transcripts, Database database)
            throws Exception {
        Verdict shown = Archive.shown(client, transcripts);
        client.flush();
        Verdict stored;
        try (var connection = database.connect()) {
            stored = Archive.stored(connection, transcripts);
        }
        System.out.println(test + ": as shown " + shown + ", as stored " + stored);
        assertThat(shown).matches(Verdict::isFaultless);
        assertThat(stored).matches(Verdict::isFaultless);
    }

    /** Opens a connection beside the server's own. */
    @FunctionalInterface
    interface Database {
        java.sql.Connection connect() throws Exception;
    }

    @Override
    public void close() {
        goOn = false;
        threads.shutdownNow();
    }
}
