package memfuse.cluster.process;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import memfuse.cluster.contract.RawRequest;
import memfuse.cluster.contract.Received;
import org.jspecify.annotations.Nullable;

/** A client that sends requests byte for byte, and waits for an answer no longer than it is told. Not thread-safe. */
final class RawHttp implements AutoCloseable {
    private final String host;
    private final int port;
    private final Duration limit;
    private @Nullable Socket socket;

    /** A client of a server; {@code limit} is how long it waits for the next bytes of an answer. */
    RawHttp(URI server, Duration limit) {
        this.host = server.getHost();
        this.port = server.getPort();
        this.limit = limit;
    }

    /**
     * The answer to a request; of a stream of events only the head. Nothing where the request was not complete and the
     * server has closed the connection.
     *
     * @throws IOException there was no answer in time, or none to a complete request
     */
    Optional<Received> send(RawRequest request) throws IOException {
        boolean reused = socket != null;
        try {
            return Optional.of(exchange(request));
        } catch (ClosedUnanswered e) {
            close();
            if (!request.complete()) {
                return Optional.empty();
            }
            if (reused) {
                return Optional.of(exchange(request)); // the server was free to close between two requests
            }
            throw e;
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private static final class ClosedUnanswered extends IOException {
        private static final long serialVersionUID = 1;

        private ClosedUnanswered(@Nullable Throwable cause) {
            super("the connection was closed without an answer", cause);
        }
    }

    private Received exchange(RawRequest request) throws IOException {
        if (socket == null) {
            socket = new Socket(host, port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) limit.toMillis());
        }
        Socket connection = socket;
        IOException unsent = null;
        try {
            connection.getOutputStream().write(request.bytes());
            if (!request.complete()) {
                connection.shutdownOutput();
            }
        } catch (IOException e) {
            unsent = e; // an answer may be there all the same
        }
        InputStream in = new BufferedInputStream(connection.getInputStream());
        Received answer = answer(request.method(), in, unsent);
        if (unsent != null
                || !request.complete()
                || answer.headers().getOrDefault("connection", "").equals("close")
                || answer.headers().getOrDefault("content-type", "").startsWith("text/event-stream")) {
            close();
        }
        return answer;
    }

    private static Received answer(String method, InputStream in, @Nullable IOException unsent) throws IOException {
        String[] head = head(in, unsent);
        int status = Integer.parseInt(head[0].split(" ", 3)[1]);
        if (status < 200) {
            return answer(method, in, unsent);
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : Arrays.asList(head).subList(1, head.length)) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        boolean bodiless = method.equals("HEAD")
                || status == 204
                || headers.getOrDefault("content-type", "").startsWith("text/event-stream");
        return new Received(status, headers, bodiless ? "" : new String(body(in, headers), UTF_8));
    }

    private static String[] head(InputStream in, @Nullable IOException unsent) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int last = 0;
        while (last != ('\r' << 24 | '\n' << 16 | '\r' << 8 | '\n')) {
            int next;
            try {
                next = in.read();
            } catch (java.net.SocketException e) {
                throw new ClosedUnanswered(e);
            }
            if (next < 0) {
                throw new ClosedUnanswered(unsent);
            }
            head.write(next);
            last = last << 8 | next;
        }
        return head.toString(ISO_8859_1).strip().split("\r\n");
    }

    private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
        if (headers.getOrDefault("transfer-encoding", "").equals("chunked")) {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            int length = Integer.parseInt(line(in), 16);
            while (length > 0) {
                body.writeBytes(in.readNBytes(length));
                line(in);
                length = Integer.parseInt(line(in), 16);
            }
            line(in);
            return body.toByteArray();
        }
        String length = headers.get("content-length");
        return length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n' && next >= 0; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It is of no more use either way.
        }
        socket = null;
    }
}
