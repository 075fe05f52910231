package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Somebody locks a table and keeps it: statements hang on it until they have all connections of the layers. */
@Tag("long")
class StuckStatementsIT {
    private static final int POOL = 4;
    private static final int READERS = 12;
    private static final Duration HELD = Duration.ofSeconds(8);
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final Pattern REFUSED =
            Pattern.compile("(?m)^memfuse_database_connections_refused_total ([0-9.]+)$");

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(StuckStatementsIT.class);
    private static final int MOST_SERVED = 80;

    private final Queue<Duration> refusals = new ConcurrentLinkedQueue<>();

    @Test
    void refusesForNowWhatHangsAndServesOthers() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        ServerProcess server = scene.start(Launch.in(data.path())
                .wordsOnly()
                .with("memfuse.database.layer-pool-size", Integer.toString(POOL))
                .with("memfuse.database.connection-timeout", "1s")
                .with("memfuse.database.socket-timeout", "6s"));
        Client client = server.client();
        List<Conversation> stored = new ArrayList<>();
        for (int i = 0; i < READERS; i++) {
            Conversation conversation = Conversation.start(client, seed.random(i));
            conversation.append(2);
            stored.add(conversation);
        }
        client.flush();
        Conversation other = Conversation.start(client, seed.random(READERS));
        other.append(3);
        other.assertThatAllIsThereOnce();

        AtomicBoolean locked = new AtomicBoolean(true);
        ExecutorService readers = Executors.newFixedThreadPool(READERS);
        try (Connection beside = data.connect();
                Statement statement = beside.createStatement()) {
            beside.setAutoCommit(false);
            statement.execute("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE");
            List<Future<?>> reading = new ArrayList<>();
            for (Conversation conversation : stored) {
                reading.add(readers.submit(() -> readWhile(locked, client, conversation)));
            }
            Await.until("reads are refused", LIMIT, () -> refusals.size() >= 2 * READERS);
            long endNanos = System.nanoTime() + HELD.toNanos();
            int served = 0;
            do {
                other.append(1);
                String said = other.said().get(served);
                assertThat(client.query(other.userId(), said, 5)).anyMatch(hit -> said.equals(hit.content()));
                assertThat(connections(statement)).isLessThanOrEqualTo(POOL + 1);
                served++;
                Await.pass(HELD.dividedBy(MOST_SERVED)); // a history shows a hundred messages
            } while (System.nanoTime() - endNanos < 0);
            assertThat(refusedConnections(server)).isPositive();
            assertThat(metrics(server)).contains("status=\"503\"");
            beside.rollback();
            locked.set(false);
            for (Future<?> reader : reading) {
                reader.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
            System.out.printf(
                    "StuckStatementsIT: %d reads refused, in %d ms at most; meanwhile %d appends and as many queries of"
                            + " another user%n",
                    refusals.size(),
                    refusals.stream().mapToLong(Duration::toMillis).max().orElse(0),
                    served);
        } finally {
            locked.set(false);
            readers.shutdownNow();
        }
        for (Conversation conversation : stored) {
            conversation.assertThatAllIsThereOnce();
        }
        other.assertThatAllIsThereOnce();
    }

    /** Reads again and again; what is not answered must be refused for now, and some time. */
    private Void readWhile(AtomicBoolean locked, Client client, Conversation conversation) throws IOException {
        while (locked.get()) {
            Answer answer = client.get(Client.messages(conversation.sessionId()) + "?limit=10");
            if (answer.status() != 200 && !answer.refusedForNow()) {
                throw new AssertionError("a read was answered " + answer.status() + ": " + answer.body());
            }
            if (answer.status() == 503) {
                refusals.add(answer.took());
            }
        }
        return null;
    }

    private static int connections(Statement statement) throws SQLException {
        try (ResultSet count = statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'memfuse-layers'")) {
            count.next();
            return count.getInt(1);
        }
    }

    private static double refusedConnections(ServerProcess server) throws IOException {
        Matcher refused = REFUSED.matcher(metrics(server));
        assertThat(refused.find()).isTrue();
        return Double.parseDouble(refused.group(1));
    }

    private static String metrics(ServerProcess server) throws IOException {
        URI root = server.api().resolve("/");
        return new String(new Client(URI.create(root.toString().replaceFirst("/$", ""))).download("/metrics"), UTF_8);
    }
}
