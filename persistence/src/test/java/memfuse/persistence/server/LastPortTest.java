package memfuse.persistence.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastPortTest {
    private static final int OTHER = 4711;

    @TempDir
    Path cluster;

    @Test
    void givesTheLastPortOnceAndOthersAfterIt() throws IOException {
        int port = EmbeddedPostgres.freePort();
        startedAt(port);
        LastPort ports = LastPort.of(cluster, () -> OTHER);
        assertThat(ports.getAsInt()).isEqualTo(port);
        assertThat(ports.getAsInt()).isEqualTo(OTHER);
    }

    @Test
    void givesAnotherOneWhereTheLastIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            startedAt(taken.getLocalPort());
            assertThat(LastPort.of(cluster, () -> OTHER).getAsInt()).isEqualTo(OTHER);
        }
    }

    @Test
    void givesAnotherOneForAServerThatNeverRan() throws IOException {
        assertThat(LastPort.of(cluster, () -> OTHER).getAsInt()).isEqualTo(OTHER);
    }

    private void startedAt(int port) throws IOException {
        Files.writeString(
                cluster.resolve("postmaster.opts"),
                "/bin/postgres \"-D\" \"/data\" \"-p\" \"" + port + "\" \"-c\" \"fsync=on\"\n");
    }
}
