package memfuse.bench.load;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import memfuse.bench.cpu.CpuTimes;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;
import org.HdrHistogram.Histogram;

/**
 * The measure of durable appends: the same rows, inserted and committed one by one over as many connections, into a
 * table like {@code messages} in the same PostgreSQL, by nothing but JDBC.
 */
final class BareInserts implements AutoCloseable {
    private static final String INSERT =
            "INSERT INTO bench_messages (session_id, seq, id, role, content, created_at, updated_at, tokens)"
                    + " VALUES (?, ?, ?, 'user', ?, ?, ?, ?)";
    private static final int TOKENS = 32;

    private final MemFuseServer server;
    private final ServerDatabase database;
    private final List<Connection> connections = new ArrayList<>();
    private final List<List<String>> texts = new ArrayList<>();
    private final ExecutorService threads;

    /** What a round did; the latency is that of an insert with its commit. */
    record Outcome(long inserted, Duration duration, Histogram latencyMicros, CpuTimes cpu) {
        double perSecond() {
            return inserted * 1e9 / duration.toNanos();
        }
    }

    /** Makes the table and connects. */
    BareInserts(MemFuseServer server, ServerDatabase database, int connectionCount, long seed, int textsOfEach)
            throws SQLException {
        this.server = server;
        this.database = database;
        threads = Executors.newFixedThreadPool(connectionCount);
        database.execute("CREATE TABLE bench_messages (LIKE messages INCLUDING ALL)");
        ChatTexts source = new ChatTexts(seed);
        for (int i = 0; i < connectionCount; i++) {
            connections.add(database.connect());
            texts.add(source.next(textsOfEach));
        }
    }

    /** Empties the table, and inserts for as long as asked. */
    Outcome run(Duration duration) throws IOException, SQLException, InterruptedException {
        database.execute("TRUNCATE bench_messages");
        database.execute("CHECKPOINT");
        CpuTimes before = CpuTimes.now(server, database);
        CountDownLatch begin = new CountDownLatch(1);
        List<Future<Histogram>> rounds = new ArrayList<>();
        for (int i = 0; i < connections.size(); i++) {
            int connection = i;
            rounds.add(threads.submit(() -> {
                begin.await();
                return insert(connection, duration);
            }));
        }
        long start = System.nanoTime();
        begin.countDown();
        Histogram all = new Histogram(3);
        for (Future<Histogram> round : rounds) {
            try {
                all.add(round.get());
            } catch (ExecutionException e) {
                throw new SQLException("a bare insert failed", e.getCause());
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        CpuTimes cpu = CpuTimes.now(server, database).since(before);
        return new Outcome(all.getTotalCount(), took, all, cpu);
    }

    private Histogram insert(int number, Duration duration) throws SQLException {
        Histogram latencyMicros = new Histogram(3);
        String session = UUID.randomUUID().toString();
        List<String> contents = texts.get(number);
        long end = System.nanoTime() + duration.toNanos();
        try (PreparedStatement insert = connections.get(number).prepareStatement(INSERT)) {
            long now = System.nanoTime();
            for (long seq = 1; now - end < 0; seq++) {
                OffsetDateTime time = OffsetDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS);
                insert.setString(1, session);
                insert.setLong(2, seq);
                insert.setString(3, UUID.randomUUID().toString());
                insert.setString(4, contents.get((int) (seq % contents.size())));
                insert.setObject(5, time);
                insert.setObject(6, time);
                insert.setInt(7, TOKENS);
                insert.executeUpdate();
                long done = System.nanoTime();
                latencyMicros.recordValue((done - now) / 1000);
                now = done;
            }
        }
        return latencyMicros;
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
