package memfuse.cluster.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;

/** A disk of a given size, made of memory, with a data directory on it, that can be filled and emptied. */
final class SmallDisk implements AutoCloseable {
    private static final int BLOCK_BYTES = 4096;

    private final Path mountPoint;
    private final AtomicBoolean mounted = new AtomicBoolean(true);

    private SmallDisk(Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** Mounts one; a test that is not permitted to is skipped. */
    static SmallDisk mount(Path at, int mebibytes) throws IOException {
        Files.createDirectories(at);
        boolean mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m,mode=0755", "tmpfs", "" + at);
        assumeTrue(mounted, "no disk can be mounted here: that needs Linux and its root");
        return new SmallDisk(at);
    }

    DataDirectory data() {
        return new DataDirectory(mountPoint.resolve("data"));
    }

    /** Takes all the room that is left. */
    void fill() throws IOException {
        byte[] block = new byte[BLOCK_BYTES];
        try (OutputStream ballast = Files.newOutputStream(
                ballast(), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            while (true) {
                ballast.write(block);
            }
        } catch (IOException full) {
            if (Files.getFileStore(mountPoint).getUsableSpace() >= BLOCK_BYTES) {
                throw full;
            }
        }
    }

    /** Gives the room back. */
    void empty() throws IOException {
        Files.delete(ballast());
    }

    private Path ballast() {
        return mountPoint.resolve("ballast");
    }

    /** Unmounts it, whoever still uses it. */
    @Override
    public void close() {
        if (mounted.getAndSet(false) && !succeeds("umount", "--lazy", mountPoint.toString())) {
            throw new IllegalStateException("cannot unmount " + mountPoint);
        }
    }

    private static boolean succeeds(String... command) {
        try {
            return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
