package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Something is in the way of a start: it ends with one line that names the thing, and leaves nothing behind. */
class RefusedStartIT {
    @RegisterExtension
    final Scene scene = new Scene();

    @Test
    void refusesADataDirectoryThatAnotherServerUses() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess first = scene.start(launch);
        Conversation conversation = Conversation.start(first.client(), new Seed(1).random(0));
        conversation.append(3);

        assertRefused(launch, "in use", data.path().toString(), "pid=" + first.pid());

        conversation.append(3);
        conversation.assertThatAllIsThereOnce();
    }

    @Test
    void refusesAPortThatIsInUse() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            assertRefused(Launch.in(data.path()).wordsOnly().withArguments("--port", port), "127.0.0.1", port);
        }
        assertThat(data.postgresRuns()).isFalse();
    }

    @Test
    void refusesADataDirectoryThatIsAFile() throws Exception {
        Path file = Files.writeString(scene.directory().resolve("file"), "in the way");

        assertRefused(Launch.in(file).wordsOnly(), file.toString());
        assertRefused(Launch.in(file.resolve("below")).wordsOnly(), file.toString());
        assertThat(file).hasContent("in the way");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void refusesADataDirectoryThatCannotBeWritten() throws IOException {
        Path directory = Files.createDirectory(
                scene.directory().resolve("read-only"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-xr-xr-x")));
        // Root may write everywhere but where the kernel itself keeps the files.
        Path unwritable = Files.isWritable(directory) ? Path.of("/sys") : directory;
        Assumptions.assumeTrue(Files.isDirectory(unwritable), "root may write everywhere");

        assertRefused(Launch.in(unwritable.resolve("data")).wordsOnly(), unwritable.toString());
    }

    @Test
    void refusesAnUnknownSetting() {
        Launch launch = Launch.in(scene.newDataDirectory().path());

        assertRefused(launch.with("memfuse.buffer.round_bufer.max_size", "5"), "memfuse.buffer.round_bufer");
    }

    @Test
    void refusesAnUnknownOption() {
        Launch launch = Launch.in(scene.newDataDirectory().path());

        assertRefused(launch.withArguments("--prot", "8000"), "--prot");
    }

    @Test
    void refusesADatabaseThatIsNotThere() throws Exception {
        int nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = free.getLocalPort();
        }
        Launch launch = Launch.in(scene.newDataDirectory().path())
                .wordsOnly()
                .withEnvironment("MEMFUSE_JDBC_URL", "jdbc:postgresql://127.0.0.1:" + nobody + "/memfuse")
                .withEnvironment("MEMFUSE_JDBC_USER", "someone")
                .withEnvironment("MEMFUSE_JDBC_PASSWORD", "secret")
                .withEnvironment("MEMFUSE_DATABASE_START_TIMEOUT", "1s");

        ServerProcess refused = assertRefused(launch, "127.0.0.1:" + nobody);

        assertThat(refused.errors().toString() + refused.output()).doesNotContain("secret");
    }

    private ServerProcess assertRefused(Launch launch, String... named) {
        ServerProcess server = scene.spawn(launch);
        assertThat(server.awaitEnd()).isEqualTo(1);
        assertThat(server.errors()).as(server.tail()).hasSize(1);
        assertThat(server.errors().get(0)).startsWith("memfuse: ").contains(named);
        return server;
    }
}
