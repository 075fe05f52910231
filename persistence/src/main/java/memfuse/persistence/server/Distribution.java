package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;
import static memfuse.persistence.server.EmbeddedPostgresException.Reason.UNSUPPORTED_PLATFORM;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PostgreSQL's binaries, unpacked once into {@code dist-<version>-<checksum>} of a directory that any number of
 * processes may share.
 *
 * <p>Unpacking happens in a temporary directory beside it, under a file lock, and ends with a rename, so that a
 * distribution is there whole or not at all. What is found is checked against the number and bytes of its files
 * (a crash of the machine or a cleaner of temporary files may have eaten some) and is unpacked again when they differ.
 */
final class Distribution {

    private static final Logger LOG = LoggerFactory.getLogger(Distribution.class);
    private static final String PREFIX = "dist-";
    private static final String UNPACKING_PREFIX = "unpacking-";
    private static final Duration UNPACK_LIMIT = Duration.ofMinutes(5);

    private final Path directory;
    private final Platform platform;

    private Distribution(Path directory, Platform platform) {
        this.directory = directory;
        this.platform = platform;
    }

    /** The distribution for this machine below a directory, unpacked when it is not there yet. */
    static Distribution in(Path directory, Platform platform) throws IOException {
        DistributionArchive archive = DistributionArchive.find(platform);
        Path root = FileTrees.createDirectories(directory).toRealPath();
        @Nullable Path found = find(root, archive.checksum());
        if (found == null) {
            found = unpackOnce(root, archive, platform);
        }
        return new Distribution(found, platform);
    }

    Path directory() {
        return directory;
    }

    Path executable(String name) {
        return directory.resolve("bin").resolve(platform.executable(name));
    }

    /** The major version, which a cluster directory must share, e.g. {@code 18}. */
    String majorVersion() {
        String version = directory.getFileName().toString().substring(PREFIX.length());
        return version.substring(0, version.indexOf('.'));
    }

    /** Removes the distributions of earlier versions beside this one, as far as that is possible now. */
    void removeOthers() throws IOException {
        for (Path other : FileTrees.list(Objects.requireNonNull(directory.getParent()), PREFIX)) {
            if (!other.getFileName().equals(directory.getFileName())) {
                FileTrees.discard(other);
            }
        }
    }

    private static @Nullable Path find(Path root, String checksum) throws IOException {
        for (Path candidate : FileTrees.list(root, PREFIX)) {
            if (candidate.getFileName().toString().endsWith("-" + checksum) && isComplete(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean isComplete(Path distribution) throws IOException {
        Path inventory = inventoryFile(distribution);
        return Files.isRegularFile(inventory) && Files.readString(inventory).equals(FileTrees.inventory(distribution));
    }

    private static Path inventoryFile(Path distribution) {
        return distribution.resolve("inventory");
    }

    /** Threads of this process wait for the monitor, other processes for the file lock. */
    private static synchronized Path unpackOnce(Path root, DistributionArchive archive, Platform platform)
            throws IOException {
        try (FileChannel channel =
                FileChannel.open(root.resolve("dist.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            awaitLock(channel);
            @Nullable Path unpackedMeanwhile = find(root, archive.checksum());
            if (unpackedMeanwhile != null) {
                return unpackedMeanwhile;
            }
            FileTrees.discard(root, UNPACKING_PREFIX);
            return unpack(root, archive, platform);
        }
    }

    private static Path unpack(Path root, DistributionArchive archive, Platform platform) throws IOException {
        LOG.info("unpacking PostgreSQL for {} into {}, once", platform, root);
        long startedNanos = System.nanoTime();
        Path temporary = Files.createTempDirectory(root, UNPACKING_PREFIX);
        try {
            FileTrees.setMode(temporary, "rwxr-xr-x");
            archive.unpackInto(temporary);
            Distribution unpacked = new Distribution(temporary, platform);
            Path target = root.resolve(PREFIX + unpacked.askVersion() + "-" + archive.checksum());
            Files.writeString(inventoryFile(temporary), FileTrees.inventory(temporary));
            FileTrees.delete(target);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            LOG.info("unpacked PostgreSQL in {} ms", (System.nanoTime() - startedNanos) / 1_000_000);
            return target;
        } catch (IOException | RuntimeException e) {
            FileTrees.delete(temporary);
            throw e;
        }
    }

    /** Asks the binary itself, which also shows that it runs on this machine. */
    private String askVersion() throws IOException {
        String said;
        try {
            ToolProcess.Result result = ToolProcess.run(
                    directory, List.of(executable("postgres").toString(), "-V"), Duration.ofSeconds(30));
            said = result.succeeded() ? result.text() : "";
        } catch (IOException e) {
            throw doesNotRun(platform, e);
        }
        Optional<String> version = Stream.of(said.strip().split(" "))
                .filter(w -> w.matches("[0-9]+\\.[0-9]+"))
                .findFirst();
        return version.orElseThrow(() -> doesNotRun(platform, null));
    }

    private static EmbeddedPostgresException doesNotRun(Platform platform, @Nullable Throwable cause) {
        return new EmbeddedPostgresException(
                UNSUPPORTED_PLATFORM,
                "the PostgreSQL binaries for " + platform + " do not run on this system; set MEMFUSE_JDBC_URL",
                cause);
    }

    /** Takes the lock of a file; it is given up when the channel closes. */
    private static void awaitLock(FileChannel channel) throws IOException {
        long deadlineNanos = System.nanoTime() + UNPACK_LIMIT.toNanos();
        while (channel.tryLock() == null) {
            if (System.nanoTime() - deadlineNanos > 0) {
                throw new EmbeddedPostgresException(
                        FAILED,
                        "another process has been unpacking PostgreSQL for " + UNPACK_LIMIT.toMinutes() + " min");
            }
            Pause.millis(50);
        }
    }
}
