package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.IN_USE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to a data directory: an operating system lock on {@code memfuse.lock} in it.
 *
 * <p>The system drops the lock with the process, however it ends, so a lock is never stale; but a killed process may take
 * a moment to be gone, so whoever comes next waits that long. The file's text is the
 * holder's process id; the locked byte lies far behind it, so that others can read the text on every system.
 */
public final class DataDirectoryLock implements AutoCloseable {

    private static final String FILE_NAME = "memfuse.lock";
    private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

    /** Tries for the lock of another process, and the pause between two: two seconds in all. */
    private static final int TRIES = 41;

    private static final int PAUSE_MILLIS = 50;

    /** Directories this process holds: closing a second channel of a file would drop the first one's lock. */
    private static final Set<Path> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel channel;

    private DataDirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /**
     * Takes an existing directory, or refuses with the holder's process id.
     *
     * @throws EmbeddedPostgresException with the reason {@code IN_USE} when somebody holds it, and goes on to
     */
    static DataDirectoryLock acquire(Path directory) throws IOException {
        return acquire(directory, () -> Pause.millis(PAUSE_MILLIS));
    }

    /** @param pause is run between two tries */
    static DataDirectoryLock acquire(Path directory, Runnable pause) throws IOException {
        Path real = directory.toRealPath();
        if (!HELD_HERE.add(real)) {
            throw inUse(real, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            Path file = real.resolve(FILE_NAME);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!lock(channel, pause)) {
                throw inUse(real, holder(file));
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)), 0);
            return new DataDirectoryLock(real, channel);
        } catch (IOException | RuntimeException e) {
            HELD_HERE.remove(real);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    private static boolean lock(FileChannel channel, Runnable pause) throws IOException {
        for (int tries = 1; tries <= TRIES; tries++) {
            @Nullable FileLock lock = channel.tryLock(LOCKED_BYTE, 1, false);
            if (lock != null) {
                return true;
            }
            if (tries < TRIES) {
                pause.run();
            }
        }
        return false;
    }

    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            HELD_HERE.remove(directory);
        }
    }

    private static String holder(Path file) {
        try {
            String text = Files.readString(file).strip();
            return text.isEmpty() ? "unknown" : text;
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static EmbeddedPostgresException inUse(Path directory, String pid) {
        return new EmbeddedPostgresException(
                IN_USE, "the data directory is in use by another process: " + directory + ", pid=" + pid);
    }
}
