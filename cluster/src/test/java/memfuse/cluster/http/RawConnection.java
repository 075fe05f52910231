package memfuse.cluster.http;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A connection that sends the very bytes it is given, for requests that no client library would send. */
final class RawConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    RawConnection(URI server) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout((int) Duration.ofSeconds(30).toMillis());
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A head as it came, lower case, and a body. */
    record Answer(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring("http/1.1 ".length(), "http/1.1 200".length()));
        }
    }

    RawConnection send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawConnection send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** The next answer with a body of its declared length. */
    Answer answer() throws IOException {
        String head = head();
        return new Answer(head, new String(in.readNBytes(contentLength(head)), StandardCharsets.UTF_8));
    }

    /** The next answer, which has no body whatever length it declares. */
    Answer answerWithoutBody() throws IOException {
        return new Answer(head(), "");
    }

    /** Ends the connection at once, as the kernel does for a client that is killed with something unread. */
    void abort() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    boolean isClosedByServer() throws IOException {
        return in.read() < 0;
    }

    private String head() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.length() < 4 || head.indexOf("\r\n\r\n", head.length() - 4) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed after: " + head);
            }
            head.append((char) next);
        }
        return head.toString().toLowerCase(Locale.ROOT);
    }

    private static int contentLength(String head) {
        int at = head.indexOf("content-length: ");
        return at < 0 ? 0 : Integer.parseInt(head.substring(at + "content-length: ".length(), head.indexOf('\r', at)));
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
