package memfuse.bench.wire;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** One connection that is kept, with one request in work at a time. Blocking, for one thread. */
public final class HttpConnection implements AutoCloseable {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocateDirect(16 * 1024);
    private final ResponseReader reader = new ResponseReader();

    /** A whole answer. */
    public record Response(int status, byte[] body) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    private HttpConnection(SocketChannel channel) {
        this.channel = channel;
    }

    public static HttpConnection open(InetSocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open(address);
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        return new HttpConnection(channel);
    }

    /** Sends a request and waits for its answer. */
    public Response send(byte[] request) throws IOException {
        ByteBuffer out = ByteBuffer.wrap(request);
        while (out.hasRemaining()) {
            channel.write(out);
        }
        reader.clear();
        boolean whole = false;
        while (!whole) {
            in.clear();
            if (channel.read(in) < 0) {
                throw new IOException("the server closed the connection before it answered");
            }
            whole = reader.take(in.flip());
        }
        return new Response(reader.status(), reader.body());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
