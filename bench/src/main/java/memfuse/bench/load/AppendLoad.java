package memfuse.bench.load;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import memfuse.bench.cpu.CpuTimes;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;
import memfuse.bench.wire.ApiClient;
import memfuse.bench.wire.ClosedLoop;

/** Appends over HTTP to one server: each connection writes one session of a user of its own, one message a request. */
final class AppendLoad implements AutoCloseable {
    private static final int TEXTS_OF_EACH = 256;
    private static final Duration SETTLE_LIMIT = Duration.ofMinutes(5);
    private static final int POLL_MILLIS = 20;

    private final MemFuseServer server;
    private final ServerDatabase database;
    private final ClosedLoop loop;
    private long accepted;

    /**
     * What a round did.
     *
     * @param unflushedRounds that were journaled and not yet in the layers at its end
     */
    record Round(ClosedLoop.Outcome outcome, CpuTimes cpu, long unflushedRounds) {}

    AppendLoad(MemFuseServer server, ServerDatabase database, int connections, long seed) throws IOException {
        this.server = server;
        this.database = database;
        Population population = Population.create(server.address(), "append", connections, 1);
        loop = new ClosedLoop(server.address(), population.appendRequests(seed, TEXTS_OF_EACH));
    }

    /** Appends as fast as the server answers. */
    Round run(Duration duration) throws IOException, SQLException, InterruptedException {
        database.execute("CHECKPOINT");
        CpuTimes before = CpuTimes.now(server, database);
        ClosedLoop.Outcome outcome = loop.run(duration);
        accepted += outcome.accepted();
        CpuTimes cpu = CpuTimes.now(server, database).since(before);
        return new Round(outcome, cpu, database.unflushedRounds());
    }

    /** Has the buffers flushed, and waits until the journal is empty; how long that took. */
    Duration settle() throws IOException, SQLException, InterruptedException {
        return settle(server, database);
    }

    /** The same of any load on the server. */
    static Duration settle(MemFuseServer server, ServerDatabase database)
            throws IOException, SQLException, InterruptedException {
        long start = System.nanoTime();
        try (ApiClient api = ApiClient.open(server.address())) {
            api.flush();
        }
        while (database.unflushedRounds() > 0) {
            if (System.nanoTime() - start > SETTLE_LIMIT.toNanos()) {
                throw new IOException("the buffers were not flushed within " + SETTLE_LIMIT);
            }
            Thread.sleep(POLL_MILLIS);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Acknowledged messages that are not in M0, once all is flushed; less than nothing would be duplicates. */
    double missing() throws SQLException {
        return (double) (accepted - database.number("SELECT count(*) FROM messages"));
    }

    @Override
    public void close() throws IOException {
        loop.close();
    }
}
