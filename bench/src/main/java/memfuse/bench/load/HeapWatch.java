package memfuse.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import memfuse.bench.server.ScrapedMetrics;
import memfuse.bench.wire.ApiClient;

/** Reads the heap of a server from its metrics now and then, on a thread of its own, until it is closed. */
final class HeapWatch implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(500);

    private final List<Double> bytes = new ArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    HeapWatch(InetSocketAddress address) {
        thread = new Thread(() -> watch(address), "heap-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch(InetSocketAddress address) {
        try (ApiClient api = ApiClient.open(address)) {
            while (!closed) {
                double now = ScrapedMetrics.read(api.metrics()).heapBytes();
                synchronized (bytes) {
                    bytes.add(now);
                }
                Thread.sleep(INTERVAL.toMillis());
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("the heap is not watched any more: " + e);
        }
    }

    /** The least that was in use in the first third of the time: about what is left after collections. */
    double leastAtFirst() {
        return least(0);
    }

    /** The same of the last third. */
    double leastAtLast() {
        return least(2);
    }

    private double least(int third) {
        synchronized (bytes) {
            int from = bytes.size() * third / 3;
            int to = Math.max(from + 1, bytes.size() * (third + 1) / 3);
            return bytes.isEmpty() ? 0 : Statistics.least(bytes.subList(from, Math.min(to, bytes.size())));
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
