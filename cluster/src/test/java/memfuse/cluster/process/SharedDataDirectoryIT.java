package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes of one machine on one data directory: one hosts the embedded PostgreSQL, and the others use it. */
@Tag("long")
class SharedDataDirectoryIT {
    private static final int NODES = 3;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    final Scene scene = new Scene();

    private final List<Integer> clusterPorts =
            IntStream.range(0, NODES).mapToObj(i -> FreePorts.next()).toList();

    @Test
    void servesFromEveryNodeAndOutlivesTheHost() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        List<ServerProcess> nodes = IntStream.range(0, NODES)
                .mapToObj(node -> scene.spawn(launch(data, node)))
                .toList();
        nodes.forEach(ServerProcess::awaitReady);
        ServerProcess host = nodes.stream()
                .filter(node -> node.pid() == pidOfHost(data))
                .findFirst()
                .orElseThrow();
        ServerProcess guest =
                nodes.stream().filter(node -> node != host).findFirst().orElseThrow();
        Conversation conversation = Conversation.start(guest.client(), new Seed(1).random(0));
        conversation.append(3);

        host.kill9();
        assertThat(data.postgresRuns()).isTrue();
        conversation.append(3);
        conversation.assertThatAllIsThereOnce();

        ServerProcess hostAgain = scene.start(launch(data, nodes.indexOf(host)));
        assertThat(pidOfHost(data)).isEqualTo(hostAgain.pid());
        assertThat(hostAgain.terminate()).isIn(0, 143);
        assertThat(data.postgresRuns()).isFalse();
        Await.until(
                "it says that it is not ready",
                LIMIT,
                () -> guest.client().get("/health/ready").status() == 503);

        scene.start(launch(data, nodes.indexOf(host)));
        Await.until(
                "it is ready again",
                LIMIT,
                () -> guest.client().get("/health/ready").status() == 200);
        conversation.append(3);
        conversation.assertThatAllIsThereOnce();
    }

    private Launch launch(DataDirectory data, int node) {
        String seeds = clusterPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        return Launch.in(data.path())
                .wordsOnly()
                .withEnvironment("MEMFUSE_CLUSTER_PORT", Integer.toString(clusterPorts.get(node)))
                .withEnvironment("MEMFUSE_SEED_NODES", seeds);
    }

    /** The process that holds the data directory. */
    private static long pidOfHost(DataDirectory data) {
        try {
            return Long.parseLong(
                    Files.readString(data.path().resolve("memfuse.lock")).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
