package memfuse.bench.wire;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Many connections, each sending its next request as soon as its last one is answered, all on the calling thread: one
 * look at the selector serves all that were answered meanwhile. A refused connection pauses a little, as a client with
 * manners would, and goes on with its next request.
 */
public final class ClosedLoop implements AutoCloseable {
    private static final int CREATED = 201;
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final Duration LAST_ANSWERS = Duration.ofSeconds(30);
    private static final long LONGEST_MICROS = Duration.ofMinutes(1).toNanos() / 1000;

    private final Selector selector;
    private final List<Connection> connections = new ArrayList<>();
    private final Deque<Connection> pausing = new ArrayDeque<>();
    private final ByteBuffer in = ByteBuffer.allocateDirect(64 * 1024);
    private Histogram latencyMicros = newHistogram();
    private long accepted;
    private long refused;
    private int inWork;

    /**
     * What a round did.
     *
     * @param accepted requests answered with 201
     * @param refused requests answered with 429 or 503
     * @param latencyMicros of the accepted ones, from sending to the whole answer
     */
    public record Outcome(long accepted, long refused, Duration duration, Histogram latencyMicros) {
        public double perSecond() {
            return accepted * 1e9 / duration.toNanos();
        }
    }

    private static final class Connection {
        final SocketChannel channel;
        final ByteBuffer[] requests;
        final ResponseReader reader = new ResponseReader();
        int next;
        long sentNanos;
        long pauseUntilNanos;

        Connection(SocketChannel channel, ByteBuffer[] requests) {
            this.channel = channel;
            this.requests = requests;
        }
    }

    /** Connects once for each list of requests; a connection goes round in its list. */
    public ClosedLoop(InetSocketAddress address, List<List<byte[]>> requests) throws IOException {
        selector = Selector.open();
        for (List<byte[]> ofOne : requests) {
            SocketChannel channel = SocketChannel.open(address);
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.configureBlocking(false);
            Connection connection = new Connection(
                    channel, ofOne.stream().map(ClosedLoop::direct).toArray(ByteBuffer[]::new));
            channel.register(selector, SelectionKey.OP_READ, connection);
            connections.add(connection);
        }
    }

    /** Sends for as long as asked, and waits for the last answers, whose time counts. */
    public Outcome run(Duration duration) throws IOException {
        latencyMicros = newHistogram();
        accepted = 0;
        refused = 0;
        long start = System.nanoTime();
        long stopSending = start + duration.toNanos();
        long giveUp = stopSending + LAST_ANSWERS.toNanos();
        for (Connection connection : connections) {
            send(connection, start);
        }
        while (inWork > 0 || !pausing.isEmpty()) {
            selector.select(key -> answered((Connection) key.attachment(), stopSending), pausing.isEmpty() ? 1000 : 10);
            long now = System.nanoTime();
            wake(now, stopSending);
            if (now - giveUp > 0) {
                throw new IOException(inWork + " requests were not answered within " + LAST_ANSWERS);
            }
        }
        return new Outcome(accepted, refused, Duration.ofNanos(System.nanoTime() - start), latencyMicros);
    }

    @Override
    public void close() throws IOException {
        for (Connection connection : connections) {
            connection.channel.close();
        }
        selector.close();
    }

    private void send(Connection connection, long now) throws IOException {
        ByteBuffer request = connection.requests[connection.next].rewind();
        connection.next = (connection.next + 1) % connection.requests.length;
        connection.reader.clear();
        connection.sentNanos = now;
        inWork++;
        while (request.hasRemaining()) {
            connection.channel.write(request);
        }
    }

    private void answered(Connection connection, long stopSending) {
        try {
            in.clear();
            if (connection.channel.read(in) < 0) {
                throw new IOException("the server closed a connection");
            }
            if (!connection.reader.take(in.flip())) {
                return;
            }
            inWork--;
            long now = System.nanoTime();
            int status = connection.reader.status();
            if (status == CREATED) {
                accepted++;
                latencyMicros.recordValue(Math.min(LONGEST_MICROS, (now - connection.sentNanos) / 1000));
            } else if (status == 429 || status == 503) {
                refused++;
                connection.pauseUntilNanos = now + PAUSE_NANOS;
                pausing.add(connection);
                return;
            } else {
                throw new IOException("unexpected answer " + status + ": "
                        + new String(connection.reader.body(), StandardCharsets.UTF_8));
            }
            if (now - stopSending < 0) {
                send(connection, now);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void wake(long now, long stopSending) throws IOException {
        while (!pausing.isEmpty() && pausing.element().pauseUntilNanos - now <= 0) {
            Connection connection = pausing.remove();
            if (now - stopSending < 0) {
                send(connection, now);
            }
        }
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes);
    }

    private static Histogram newHistogram() {
        return new Histogram(LONGEST_MICROS, 3);
    }
}
