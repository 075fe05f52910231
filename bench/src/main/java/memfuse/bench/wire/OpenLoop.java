package memfuse.bench.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * Requests at a rate of their own, whether the server keeps up or not: each has a time at which it is to be sent, and
 * its latency counts from then on, also where its connection still waited for an earlier answer. So a stall of the
 * server is seen by all requests that fell into it.
 */
public final class OpenLoop {
    private final InetSocketAddress address;
    private final int connections;

    /**
     * What the requests met.
     *
     * @param refused answered with anything but success
     * @param latencyMicros of all, from the time they were to be sent until the whole answer
     */
    public record Outcome(Histogram latencyMicros, long refused) {}

    /** Gives the requests of a connection, one after the other. */
    public interface Source {
        byte[] request(int connection, int number);
    }

    public OpenLoop(InetSocketAddress address, int connections) {
        this.address = address;
        this.connections = connections;
    }

    /** Sends so many requests a second, evenly over time and connections. */
    public Outcome run(double perSecond, Duration duration, Source source) throws IOException, InterruptedException {
        long intervalNanos = Math.round(connections * 1e9 / perSecond);
        int ofEach = (int) Math.max(1, duration.toNanos() / intervalNanos);
        long start = System.nanoTime() + Duration.ofMillis(100).toNanos();
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        try {
            List<Future<Outcome>> futures = new ArrayList<>();
            for (int i = 0; i < connections; i++) {
                int connection = i;
                long first = start + intervalNanos * i / connections;
                futures.add(threads.submit(() -> send(connection, first, intervalNanos, ofEach, source)));
            }
            Histogram all = new Histogram(3);
            long refused = 0;
            for (Future<Outcome> future : futures) {
                all.add(future.get().latencyMicros());
                refused += future.get().refused();
            }
            return new Outcome(all, refused);
        } catch (ExecutionException e) {
            throw new IOException("a connection failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private Outcome send(int connection, long first, long intervalNanos, int count, Source source) throws IOException {
        Histogram latencyMicros = new Histogram(3);
        long refused = 0;
        try (HttpConnection http = HttpConnection.open(address)) {
            for (int i = 0; i < count; i++) {
                byte[] request = source.request(connection, i);
                long due = first + i * intervalNanos;
                for (long now = System.nanoTime(); now - due < 0; now = System.nanoTime()) {
                    LockSupport.parkNanos(due - now);
                }
                int status = http.send(request).status();
                latencyMicros.recordValue((System.nanoTime() - due) / 1000);
                refused += status / 100 == 2 ? 0 : 1;
            }
        }
        return new Outcome(latencyMicros, refused);
    }
}
