package memfuse.persistence.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} of a cluster directory says: written by a server at its start, removed at its end, left
 * behind by a crash.
 *
 * @param pid the server's process, if it still is that process
 * @param startEpochSeconds when it started
 * @param port where it listens
 * @param ready whether it accepts connections
 */
record PostmasterFile(long pid, long startEpochSeconds, int port, boolean ready) {

    private static final int LINE_PID = 0;
    private static final int LINE_START = 2;
    private static final int LINE_PORT = 3;
    private static final int LINE_STATUS = 7;

    /** Larger than any process id of any system, so that PostgreSQL finds nobody under it. */
    private static final long NOBODY = Integer.MAX_VALUE - 1L;

    static Path of(Path cluster) {
        return cluster.resolve("postmaster.pid");
    }

    /** Reads the file; empty when it is not there, or not yet written as far as the port. */
    static Optional<PostmasterFile> read(Path cluster) throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(of(cluster), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (lines.size() <= LINE_PORT) {
            return Optional.empty();
        }
        try {
            return Optional.of(new PostmasterFile(
                    Long.parseLong(lines.get(LINE_PID).strip()),
                    Long.parseLong(lines.get(LINE_START).strip()),
                    Integer.parseInt(lines.get(LINE_PORT).strip()),
                    lines.size() > LINE_STATUS && lines.get(LINE_STATUS).strip().equals("ready")));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Deletes a file without content, as a crash of the machine may leave it; PostgreSQL would not start with it. */
    static void deleteIfEmpty(Path cluster) throws IOException {
        if (Files.exists(of(cluster)) && Files.size(of(cluster)) == 0) {
            Files.deleteIfExists(of(cluster));
        }
    }

    /**
     * Takes the process id out of a file that a crash left, when the number belongs to another process by now and
     * would keep PostgreSQL from starting. The rest stays: by it PostgreSQL finds memory that a lingering part of the
     * dead server still uses.
     */
    static void disown(Path cluster, ServerAccount account) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(of(cluster), StandardCharsets.ISO_8859_1));
        lines.set(LINE_PID, Long.toString(NOBODY));
        Path changed = cluster.resolve("postmaster.pid.new");
        Files.deleteIfExists(changed);
        Files.write(
                changed, lines, StandardCharsets.ISO_8859_1, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        account.own(changed);
        Files.move(changed, of(cluster), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    boolean isSameServerAs(PostmasterFile other) {
        return pid == other.pid && startEpochSeconds == other.startEpochSeconds;
    }
}
