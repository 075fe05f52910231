package memfuse.persistence.server;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The server's log file, kept below a bound while the server writes to it.
 *
 * <p>The server appends to an open file, so a full one is copied beside it and emptied in place; what the server writes
 * between the two is lost. One earlier file is kept: the bound on disk is about twice {@link #LIMIT_BYTES}.
 */
final class ServerLog {

    static final long LIMIT_BYTES = 8L << 20;

    private static final int MOST_TO_READ_BYTES = 64 << 10;

    private final Path file;

    private ServerLog(Path file) {
        this.file = file;
    }

    /** The log in {@code log/server.log} of a server's directory, writable by the server's account. */
    static ServerLog in(Path serverDirectory, ServerAccount account) throws IOException {
        Path directory = serverDirectory.resolve("log");
        Files.createDirectories(directory);
        account.own(directory);
        FileTrees.setMode(directory, "rwx------");
        return new ServerLog(directory.resolve("server.log"));
    }

    Path file() {
        return file;
    }

    /** The end of the log now, in bytes. */
    long position() throws IOException {
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /** What was written since a position; the first part of it when it is much. */
    String since(long position) throws IOException {
        if (position() <= position) {
            return "";
        }
        try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
            byte[] bytes = new byte[(int) Math.min(MOST_TO_READ_BYTES, log.length() - position)];
            log.seek(position);
            log.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The line of some output that says what went wrong, and where to read more. */
    String complaint(String output) {
        List<String> lines = output.lines().toList();
        String line = lines.stream()
                .filter(l -> l.contains("FATAL:") || l.contains("PANIC:"))
                .findFirst()
                .orElse(lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1));
        return line + " (more in " + file + ")";
    }

    /**
     * Empties a log that has passed its bound, keeping a copy of it where the disk has room for one; a link in its place
     * leads nowhere.
     */
    void bound() throws IOException {
        if (position() <= LIMIT_BYTES || Files.isSymbolicLink(file)) {
            return;
        }
        Path copy = file.resolveSibling(file.getFileName() + ".1");
        try {
            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException noRoom) {
            Files.deleteIfExists(copy);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            channel.truncate(0);
        }
    }
}
