package memfuse.bench.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Requests that arrive at a rate of their own, each taken by any connection that is free, all on the calling thread: what
 * many clients do that know nothing of each other. Latency counts from the time a request was due, also where it still
 * waited for a connection or for this loop.
 */
public final class ArrivalLoop implements AutoCloseable {
    private static final long SLICE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(60);
    private static final long LONGEST_MICROS = Duration.ofMinutes(2).toNanos() / 1000;
    private static final int CREATED = 201;

    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> free = new ArrayDeque<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
    private final ByteBuffer[] requests;
    private int next;
    private Tally tally = new Tally();

    /** What the requests met that were due in one second. */
    public record Slice(Histogram acceptedMicros, long refused) {}

    /**
     * What all of them met.
     *
     * @param acceptedMicros of those answered with 201
     * @param refusedMicros of all others
     * @param sentLateMicros how long after they were due they were sent: the loop's own part, and that of connections
     *     that were all taken
     * @param byStatus how many, by status
     * @param slices by the second in which they were due
     * @param length until the last answer
     */
    public record Outcome(
            Histogram acceptedMicros,
            Histogram refusedMicros,
            Histogram sentLateMicros,
            Map<Integer, Long> byStatus,
            List<Slice> slices,
            Duration length) {
        public long accepted() {
            return acceptedMicros.getTotalCount();
        }

        public long refused() {
            return refusedMicros.getTotalCount();
        }
    }

    private static final class Tally {
        final Histogram accepted = new Histogram(LONGEST_MICROS, 3);
        final Histogram refused = new Histogram(LONGEST_MICROS, 3);
        final Histogram late = new Histogram(LONGEST_MICROS, 3);
        final Map<Integer, Long> byStatus = new TreeMap<>();
        final List<Histogram> acceptedBySlice = new ArrayList<>();
        final List<Long> refusedBySlice = new ArrayList<>();

        void add(int status, long micros, int slice) {
            while (acceptedBySlice.size() <= slice) {
                acceptedBySlice.add(new Histogram(LONGEST_MICROS, 2));
                refusedBySlice.add(0L);
            }
            long bounded = Math.min(LONGEST_MICROS, micros);
            byStatus.merge(status, 1L, Long::sum);
            if (status == CREATED) {
                accepted.recordValue(bounded);
                acceptedBySlice.get(slice).recordValue(bounded);
            } else {
                refused.recordValue(bounded);
                refusedBySlice.set(slice, refusedBySlice.get(slice) + 1);
            }
        }

        List<Slice> slices() {
            List<Slice> slices = new ArrayList<>();
            for (int i = 0; i < acceptedBySlice.size(); i++) {
                slices.add(new Slice(acceptedBySlice.get(i), refusedBySlice.get(i)));
            }
            return slices;
        }
    }

    private static final class Connection {
        final SocketChannel channel;
        final ResponseReader reader = new ResponseReader();
        long dueNanos;
        int slice;

        Connection(SocketChannel channel) {
            this.channel = channel;
        }
    }

    /** Opens so many connections; {@code requests} are sent one after the other, and again from the first. */
    public ArrivalLoop(InetSocketAddress address, int connections, List<byte[]> requests) throws IOException {
        this.requests = requests.stream()
                .map(bytes -> ByteBuffer.allocateDirect(bytes.length).put(bytes))
                .toArray(ByteBuffer[]::new);
        selector = Selector.open();
        for (int i = 0; i < connections; i++) {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            Connection connection = new Connection(channel);
            channel.register(selector, SelectionKey.OP_READ, connection);
            this.connections.add(connection);
            free.add(connection);
        }
    }

    /** Lets so many a second arrive for as long as asked, and waits for the last answers. */
    public Outcome run(double perSecond, Duration duration) throws IOException {
        tally = new Tally();
        double intervalNanos = 1e9 / perSecond;
        long count = Math.max(1, (long) (duration.toNanos() / intervalNanos));
        long start = System.nanoTime();
        long giveUp = start + duration.plus(LAST_ANSWERS).toNanos();
        long sent = 0;
        while (sent < count || free.size() < connections.size()) {
            long now = System.nanoTime();
            while (sent < count && !free.isEmpty() && start + (long) (sent * intervalNanos) - now <= 0) {
                send(free.remove(), start, start + (long) (sent * intervalNanos));
                sent++;
            }
            selector.select(key -> answered((Connection) key.attachment()), 1);
            if (now - giveUp > 0) {
                throw new IOException((connections.size() - free.size()) + " requests are not answered, and "
                        + (count - sent) + " not sent, " + LAST_ANSWERS + " after the end");
            }
        }
        return new Outcome(
                tally.accepted,
                tally.refused,
                tally.late,
                tally.byStatus,
                tally.slices(),
                Duration.ofNanos(System.nanoTime() - start));
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel.close();
        }
        selector.close();
    }

    private void send(Connection connection, long start, long due) throws IOException {
        ByteBuffer request = requests[next].rewind();
        next = (next + 1) % requests.length;
        connection.reader.clear();
        connection.dueNanos = due;
        connection.slice = (int) ((due - start) / SLICE_NANOS);
        tally.late.recordValue(Math.max(0, Math.min(LONGEST_MICROS, (System.nanoTime() - due) / 1000)));
        while (request.hasRemaining()) {
            connection.channel.write(request);
        }
    }

    private void answered(Connection connection) {
        try {
            in.clear();
            if (connection.channel.read(in) < 0) {
                throw new IOException("the server closed a connection");
            }
            if (connection.reader.take(in.flip())) {
                long micros = (System.nanoTime() - connection.dueNanos) / 1000;
                tally.add(connection.reader.status(), micros, connection.slice);
                free.add(connection);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
