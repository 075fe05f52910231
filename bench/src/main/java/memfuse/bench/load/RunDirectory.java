package memfuse.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.stream.Stream;

/** A directory of a run's own that goes with it. */
public final class RunDirectory implements AutoCloseable {
    private final Path path;
    private final boolean keep;

    private RunDirectory(Path path, boolean keep) {
        this.path = path;
        this.keep = keep;
    }

    /**
     * Makes it. It is not readable by its owner alone, as temporary directories are: the database may run under another
     * account.
     *
     * @param keep whether it stays when the run ends
     */
    public static RunDirectory create(boolean keep) throws IOException {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        String name = "memfuse-bench-" + HexFormat.of().formatHex(random);
        return new RunDirectory(Files.createDirectory(Path.of(System.getProperty("java.io.tmpdir"), name)), keep);
    }

    /** A file or directory in it. */
    public Path file(String name) {
        return path.resolve(name);
    }

    @Override
    public void close() throws IOException {
        if (keep) {
            System.err.println("kept: " + path);
            return;
        }
        try (Stream<Path> tree = Files.walk(path)) {
            tree.sorted(Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.delete(file);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
