package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import memfuse.persistence.server.EmbeddedPostgresException.Reason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a server, read and kept without one. */
class ServerFilesTest {

    @TempDir
    Path directory;

    private static final ServerAccount OWN_ACCOUNT = ServerAccount.ofThisProcess();

    @Test
    void readsWhatAServerSaysOfItself() throws IOException {
        assertThat(PostmasterFile.read(directory)).isEmpty();
        List<String> starting = List.of("4711", directory.toString(), "1700000000", "5433", "", "127.0.0.1");
        Files.write(PostmasterFile.of(directory), starting);
        assertThat(PostmasterFile.read(directory)).contains(new PostmasterFile(4711, 1_700_000_000, 5433, false));

        Files.writeString(PostmasterFile.of(directory), "  2147521  8\nready   \n", StandardOpenOption.APPEND);
        assertThat(PostmasterFile.read(directory)).contains(new PostmasterFile(4711, 1_700_000_000, 5433, true));
    }

    @Test
    void takesHalfAFileForNone() throws IOException {
        Files.writeString(PostmasterFile.of(directory), "4711\n/data\n");
        assertThat(PostmasterFile.read(directory)).isEmpty();
        Files.writeString(PostmasterFile.of(directory), "x\n/data\n1\n2\n");
        assertThat(PostmasterFile.read(directory)).isEmpty();
    }

    @Test
    void takesOnlyTheProcessOutOfADisownedFile() throws IOException {
        Files.writeString(PostmasterFile.of(directory), "4711\n/data\n1700000000\n5433\n\n127.0.0.1\n2147521 8\n");
        PostmasterFile.disown(directory, OWN_ACCOUNT);
        assertThat(PostmasterFile.read(directory).orElseThrow().pid()).isNotEqualTo(4711);
        assertThat(Files.readAllLines(PostmasterFile.of(directory))).contains("2147521 8");
    }

    @Test
    void takesNoProcessForDeadThatItCannotLookAt() throws IOException {
        Path cluster = directory.resolve("cluster");
        PostmasterFile server = new PostmasterFile(4711, 1_700_000_000, 5433, true);
        assertThat(RunningServer.isServerOf(cluster, server, directory)).isFalse();

        Path process = Files.createDirectory(directory.resolve("4711"));
        assertThatThrownBy(() -> RunningServer.isServerOf(cluster, server, directory))
                .isInstanceOf(EmbeddedPostgresException.class)
                .hasMessageStartingWith("cannot look at process 4711");

        Files.writeString(process.resolve("cmdline"), "");
        assertThat(RunningServer.isServerOf(cluster, server, directory)).isFalse();
        Files.writeString(process.resolve("cmdline"), "/bin/postgres\0-D\0/other\0");
        assertThat(RunningServer.isServerOf(cluster, server, directory)).isFalse();
        Files.writeString(process.resolve("cmdline"), "/bin/postgres\0-D\0" + cluster + "\0");
        assertThat(RunningServer.isServerOf(cluster, server, directory)).isTrue();
    }

    @Test
    void keepsTheLogBelowItsBoundAndOneEarlierPart() throws IOException {
        ServerLog log = ServerLog.in(directory, OWN_ACCOUNT);
        log.bound();
        Files.write(log.file(), new byte[(int) ServerLog.LIMIT_BYTES]);
        log.bound();
        assertThat(log.position()).isEqualTo(ServerLog.LIMIT_BYTES);

        Files.writeString(log.file(), "FATAL:  it ended\n", StandardOpenOption.APPEND);
        assertThat(log.since(ServerLog.LIMIT_BYTES)).isEqualTo("FATAL:  it ended\n");
        log.bound();
        assertThat(log.position()).isZero();
        assertThat(log.since(ServerLog.LIMIT_BYTES)).isEmpty();
        assertThat(log.file().resolveSibling("server.log.1")).exists();
    }

    @Test
    void findsTheLineThatSaysWhatWentWrong() throws IOException {
        ServerLog log = ServerLog.in(directory, OWN_ACCOUNT);
        assertThat(log.complaint("LOG:  starting\nFATAL:  no\nLOG:  shut down\n"))
                .isEqualTo("FATAL:  no (more in " + log.file() + ")");
        assertThat(log.complaint("")).startsWith("it said nothing");
    }

    @Test
    void givesFailuresOfTheFileSystemTheirReason() {
        assertThat(ServerFailures.of(directory, new AccessDeniedException("/x/memfuse.lock")))
                .hasMessage("no access to /x/memfuse.lock in the data directory " + directory)
                .extracting(EmbeddedPostgresException::reason)
                .isEqualTo(Reason.NO_ACCESS);
        assertThat(ServerFailures.of(directory, new AccessDeniedException(directory.toString())))
                .hasMessage("no access to the data directory " + directory);
        assertThat(ServerFailures.of(directory, new FileSystemException("/x", null, "Read-only file system"))
                        .reason())
                .isEqualTo(Reason.NO_ACCESS);
        assertThat(ServerFailures.of(directory, new IOException("No space left on device")))
                .hasMessage("no space left on the disk of " + directory)
                .extracting(EmbeddedPostgresException::reason)
                .isEqualTo(Reason.DISK_FULL);
        assertThat(ServerFailures.of("initialising", "initdb: error: could not write: No space left on device")
                        .reason())
                .isEqualTo(Reason.DISK_FULL);
    }
}
