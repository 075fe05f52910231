package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The way from a server to its PostgreSQL, which can be cut, and which can lose the acknowledgement of a commit.
 *
 * <p>A lost acknowledgement: PostgreSQL has committed and said so, and the connection breaks before the server hears of
 * it. It is lost for transactions in which a certain text was sent; the driver must send all statements as text
 * ({@code prepareThreshold=0}).
 */
final class Wire implements AutoCloseable {
    private static final int CHUNK_BYTES = 64 << 10;

    /** What PostgreSQL says of a transaction that was committed by a statement of its own. */
    private static final String COMMITTED = "COMMIT\0";

    /** What it says of an insert, and that no transaction is open after it: the insert was one. */
    private static final String INSERTED = "INSERT 0 ";

    private static final String READY_FOR_ANOTHER = "Z\0\0\0\5I";

    private final ServerSocket listener;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Map<String, AtomicInteger> toLose = new ConcurrentHashMap<>();
    private volatile int target;
    private volatile boolean whole = true;

    /** A wire to a port of this machine, for this machine alone. */
    Wire(int target) throws IOException {
        this(target, InetAddress.getLoopbackAddress());
    }

    /** A wire to a port of this machine that begins at an address of it. */
    Wire(int target, InetAddress address) throws IOException {
        this.target = target;
        listener = new ServerSocket(0, 200, address);
        start("wire", this::accept);
    }

    String host() {
        return listener.getInetAddress().getHostAddress();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Breaks all connections, and every new one as soon as it is made. */
    void cut() {
        whole = false;
        sockets.forEach(Wire::closeQuietly);
    }

    /** Leads new connections to a port of this machine. */
    void mend(int newTarget) {
        target = newTarget;
        whole = true;
    }

    /** Loses the acknowledgements of the next transactions in which the text is sent. */
    void loseCommitsOf(String text, int times) {
        toLose.computeIfAbsent(text, t -> new AtomicInteger()).addAndGet(times);
    }

    /** Acknowledgements that were to be lost, and are not yet. */
    int stillToLose() {
        return toLose.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                if (whole) {
                    connect(client);
                } else {
                    closeQuietly(client);
                }
            } catch (IOException e) {
                // Closed, or PostgreSQL is not there: the client has seen its connection break.
            }
        }
    }

    private void connect(Socket client) throws IOException {
        Socket database;
        try {
            database = new Socket(InetAddress.getLoopbackAddress(), target);
        } catch (IOException e) {
            closeQuietly(client);
            throw e;
        }
        client.setTcpNoDelay(true);
        database.setTcpNoDelay(true);
        sockets.add(client);
        sockets.add(database);
        Link link = new Link(client, database);
        start("wire-to", () -> link.carry(client, database, link::watchRequest));
        start("wire-from", () -> link.carry(database, client, link::passesAnswer));
    }

    /** What one direction of a connection lets pass. */
    private interface Gate {
        boolean passes(String chunk);
    }

    /** One connection. */
    private final class Link {
        private final Socket client;
        private final Socket database;
        private final Set<String> sent = ConcurrentHashMap.newKeySet();

        private Link(Socket client, Socket database) {
            this.client = client;
            this.database = database;
        }

        void carry(Socket from, Socket to, Gate gate) {
            byte[] chunk = new byte[CHUNK_BYTES];
            try {
                int length = from.getInputStream().read(chunk);
                while (length >= 0 && gate.passes(new String(chunk, 0, length, ISO_8859_1))) {
                    to.getOutputStream().write(chunk, 0, length);
                    length = from.getInputStream().read(chunk);
                }
            } catch (IOException e) {
                // The other side is told by the end of its own connection.
            } finally {
                closeQuietly(client);
                closeQuietly(database);
                sockets.remove(client);
                sockets.remove(database);
            }
        }

        boolean watchRequest(String chunk) {
            for (String text : toLose.keySet()) {
                if (chunk.contains(text)) {
                    sent.add(text);
                }
            }
            return true;
        }

        boolean passesAnswer(String chunk) {
            boolean committed =
                    chunk.contains(COMMITTED) || (chunk.contains(INSERTED) && chunk.contains(READY_FOR_ANOTHER));
            if (!committed) {
                return true;
            }
            for (String text : sent) {
                AtomicInteger left = toLose.get(text);
                if (left != null && left.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                    return false;
                }
            }
            sent.clear();
            return true;
        }
    }

    @Override
    public void close() {
        cut();
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void start(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }
}
