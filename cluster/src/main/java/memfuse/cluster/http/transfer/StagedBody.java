package memfuse.cluster.http.transfer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.util.ByteString;

/**
 * A body on disk, in a file that is gone when this is closed or the process ends, however it ends. Blocking; used by one
 * thread at a time.
 */
final class StagedBody implements AutoCloseable {
    private final FileChannel channel;
    private final MessageDigest digest;

    private StagedBody(FileChannel channel, MessageDigest digest) {
        this.channel = channel;
        this.digest = digest;
    }

    static StagedBody open() {
        try {
            Path file = Files.createTempFile("memfuse-import-", ".ndjson");
            return new StagedBody(
                    FileChannel.open(
                            file,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.DELETE_ON_CLOSE),
                    MessageDigest.getInstance("SHA-256"));
        } catch (IOException e) {
            throw failed(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    StagedBody write(ByteString bytes) {
        for (ByteBuffer buffer : bytes.getByteBuffers()) {
            digest.update(buffer.duplicate());
            try {
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
            } catch (IOException e) {
                throw failed(e);
            }
        }
        return this;
    }

    /** The same for the same bytes; asked once, at the end. */
    String fingerprint() {
        return HexFormat.of().formatHex(digest.digest());
    }

    /** All of it from the beginning. */
    InputStream read() {
        try {
            return Channels.newInputStream(channel.position(0));
        } catch (IOException e) {
            throw failed(e);
        }
    }

    static StoreException failed(IOException e) {
        return new StoreException("an import cannot be kept on disk: " + e.getMessage(), e);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
