package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Writers on a cluster, each with a user of its own. Each sends to one node until that gives no answer or
 * a 503, and then to another one, as behind a load balancer; what is refused for now it sends again.
 */
final class Throng implements AutoCloseable {
    private static final int MESSAGES_PER_SESSION = 80;
    private static final Duration PROGRESS_LIMIT = Duration.ofMinutes(2);
    private static final Duration ANOTHER_TRY = Duration.ofMillis(20);

    /** Between two rounds of a writer: people think. */
    private static final Duration THOUGHT = Duration.ofMillis(100);

    private final Nodes nodes;
    private final List<Member> members = new ArrayList<>();
    private final List<Future<?>> tasks = new ArrayList<>();
    private final ExecutorService threads;
    private final Queue<String> brokenOff = new ConcurrentLinkedQueue<>();
    private volatile boolean goOn = true;

    /**
     * Where a writer is.
     *
     * @param nodes that it can reach
     */
    record Side(String name, List<Integer> nodes) {}

    /** One writer, its user, and when it was acknowledged something. */
    private static final class Member {
        private final Writer writer;
        private final String userId;
        private final Random random;
        private final Side side;
        private final List<Long> acknowledgedNanos = new ArrayList<>();
        private volatile int node;

        private Member(Writer writer, String userId, Random random, Side side) {
            this.writer = writer;
            this.userId = userId;
            this.random = random;
            this.side = side;
        }

        void acknowledged() {
            synchronized (this) {
                acknowledgedNanos.add(System.nanoTime());
            }
            Await.pass(THOUGHT);
        }

        synchronized int count() {
            return acknowledgedNanos.size();
        }

        /** The longest time without an acknowledgement that did not end before then. */
        synchronized Duration pauseSince(long nanos) {
            long longest = 0;
            for (int i = 1; i < acknowledgedNanos.size(); i++) {
                if (acknowledgedNanos.get(i) - nanos > 0) {
                    longest = Math.max(longest, acknowledgedNanos.get(i) - acknowledgedNanos.get(i - 1));
                }
            }
            return Duration.ofNanos(longest);
        }
    }

    private Throng(Nodes nodes, int size) {
        this.nodes = nodes;
        threads = Executors.newFixedThreadPool(size);
    }

    /** Starts the writers, and returns when each has been acknowledged something. */
    static Throng start(Nodes nodes, int size, Seed seed) throws IOException {
        List<Integer> all = IntStream.range(0, nodes.size()).boxed().toList();
        return start(nodes, size, seed, MESSAGES_PER_SESSION, List.of(new Side("", all)));
    }

    /** The same with a writer of each user on each of two sides; the two write to the same sessions. */
    static Throng startOnTwoSides(Nodes nodes, int users, Seed seed, Side one, Side other) throws IOException {
        return start(nodes, users, seed, MESSAGES_PER_SESSION / 2, List.of(one, other));
    }

    private static Throng start(Nodes nodes, int users, Seed seed, int messagesPerWriter, List<Side> sides)
            throws IOException {
        Throng throng = new Throng(nodes, users * sides.size());
        Client first = nodes.newClient(0);
        String agentId = first.createAgent("agent_default");
        for (int user = 0; user < users; user++) {
            String userId = first.createUser("user " + user);
            SessionGroup sessions = new SessionGroup(userId, agentId);
            for (Side side : sides) {
                int w = throng.members.size();
                Writer writer = new Writer("w" + w, sessions, messagesPerWriter, seed.random(w + 100));
                throng.members.add(new Member(writer, userId, seed.random(w + 10_000), side));
            }
        }
        for (Member member : throng.members) {
            throng.tasks.add(throng.threads.submit(() -> {
                throng.write(member);
                return null;
            }));
        }
        throng.awaitProgress(1);
        return throng;
    }

    private void write(Member member) {
        List<Integer> reached = member.side.nodes();
        List<Client> clients = reached.stream().map(nodes::newClient).toList();
        int entry = member.random.nextInt(clients.size());
        while (goOn) {
            member.node = reached.get(entry);
            try {
                member.writer.run(
                        clients.get(entry), () -> goOn && !member.writer.isUnavailable(), member::acknowledged);
            } catch (ConnectException refused) {
                Await.pass(ANOTHER_TRY);
            } catch (IOException broken) {
                brokenOff.add(broken.toString());
            }
            if (clients.size() > 1) {
                entry = (entry + 1 + member.random.nextInt(clients.size() - 1)) % clients.size();
            }
        }
    }

    /** Returns when each writer has been acknowledged so many more rounds. */
    void awaitProgress(int rounds) {
        awaitProgress(rounds, side -> true);
    }

    /** The same of the writers on some sides only. */
    void awaitProgress(int rounds, Predicate<Side> sides) {
        List<Member> asked =
                members.stream().filter(member -> sides.test(member.side)).toList();
        List<Integer> goals =
                asked.stream().map(member -> member.count() + rounds).toList();
        Await.until("every writer gets on", PROGRESS_LIMIT, () -> {
            for (Future<?> task : tasks) {
                if (task.isDone()) {
                    task.get();
                }
            }
            for (int i = 0; i < goals.size(); i++) {
                if (asked.get(i).count() < goals.get(i)) {
                    return false;
                }
            }
            return true;
        });
    }

    /** Why requests that were sent got no answer; refused connections are not among them. */
    List<String> brokenOff() {
        return List.copyOf(brokenOff);
    }

    /** By user, the node that the user's writer sends to. */
    Map<String, Integer> entries() {
        return members.stream().collect(Collectors.toMap(member -> member.userId, member -> member.node));
    }

    /** By user, the longest time without an acknowledgement since then, ascending. */
    List<Duration> pausesSince(long nanos, Predicate<String> users) {
        return pausesSince(nanos, users, side -> true);
    }

    /** The same of the writers on some sides only. */
    List<Duration> pausesSince(long nanos, Predicate<String> users, Predicate<Side> sides) {
        return members.stream()
                .filter(member -> users.test(member.userId) && sides.test(member.side))
                .map(member -> member.pauseSince(nanos))
                .sorted()
                .toList();
    }

    /** What the writers on a side have sent; to be looked at when they have stopped. */
    List<Transcript> transcripts(Side side) {
        return members.stream()
                .filter(member -> member.side.equals(side))
                .flatMap(member -> member.writer.transcripts().stream())
                .toList();
    }

    /** "median 1.2 s, p99 3.4 s, longest 4.5 s of 10 users" */
    static String pauses(List<Duration> ascending) {
        return String.format(
                Locale.ROOT,
                "median %.1f s, p99 %.1f s, longest %.1f s of %d users",
                seconds(ascending, 0.5),
                seconds(ascending, 0.99),
                seconds(ascending, 1),
                ascending.size());
    }

    static double seconds(List<Duration> ascending, double share) {
        if (ascending.isEmpty()) {
            return 0;
        }
        int rank = (int) Math.ceil(share * ascending.size()) - 1;
        return ascending.get(Math.max(0, rank)).toMillis() / 1000.0;
    }

    /**
     * Stops the writers; compares what they were told with what every node shows and with the rows. A request whose client
     * was answered that it took too long may be carried out yet, when its user lives again: histories show it at its time,
     * but its rows may come after what its client sent next. The rows of all others are in the order in which they were
     * sent.
     */
    Verdict finish(String test) throws Exception {
        goOn = false;
        for (Future<?> task : tasks) {
            task.get(PROGRESS_LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
        List<Transcript> transcripts = members.stream()
                .flatMap(member -> member.writer.transcripts().stream())
                .toList();
        Verdict shown = Verdict.NOTHING;
        List<Client> clients = new ArrayList<>();
        for (int node = 0; node < nodes.size(); node++) {
            if (nodes.process(node).isAlive()) {
                clients.add(nodes.newClient(node));
            }
        }
        for (int i = 0; i < transcripts.size(); i++) {
            shown = shown.plus(Archive.shown(clients.get(i % clients.size()), transcripts.subList(i, i + 1)));
        }
        nodes.flush();
        Verdict stored;
        Verdict answered;
        int overtaken;
        try (Connection database = nodes.connect()) {
            stored = Archive.stored(database, transcripts);
            answered = Archive.stored(
                    database, transcripts.stream().map(Transcript::answered).toList());
            overtaken = Archive.overtaken(database, transcripts);
        }
        System.out.println(test + ": as shown " + shown + ", as stored " + stored);
        assertThat(shown).matches(Verdict::isFaultless);
        assertThat(stored.lost()).isZero();
        assertThat(stored.duplicated()).isZero();
        assertThat(answered).matches(Verdict::isFaultless);
        assertThat(overtaken).as("rows behind what was sent after their answer").isZero();
        return stored;
    }

    @Override
    public void close() {
        goOn = false;
        threads.shutdownNow();
    }
}
