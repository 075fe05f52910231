package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import memfuse.cluster.process.Client.Shown;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes that know nothing of each other but the API of Kubernetes. */
class KubernetesBootstrapIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(KubernetesBootstrapIT.class);

    @Test
    void nodesThatAreListedAsPodsBecomeOneCluster() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory());
                KubernetesApi kubernetes = new KubernetesApi(scene.directory())) {
            List<Integer> ports = List.of(FreePorts.next(), FreePorts.next());
            ports.forEach(kubernetes::addPod);
            List<ServerProcess> nodes = ports.stream()
                    .map(port -> scene.spawn(kubernetes.usedBy(database.usedBy(launch()), port)))
                    .toList();
            nodes.forEach(ServerProcess::awaitReady);

            for (int port : ports) {
                Await.until("both are members", LIMIT, () -> membersUp(port) == 2);
                assertThat(ask(port, "/ready").statusCode()).isEqualTo(200);
                assertThat(ask(port, "/alive").statusCode()).isEqualTo(200);
            }
            Conversation conversation = Conversation.start(nodes.get(0).client(), seed.random(0));
            conversation.append(7);
            assertThat(nodes.get(1).client().history(conversation.sessionId()))
                    .extracting(Shown::content)
                    .containsExactlyElementsOf(conversation.said());
        }
    }

    /** A node that sees too few others begins no cluster of its own beside theirs: it gives up. */
    @Test
    void aNodeAloneBeginsNoCluster() throws Exception {
        try (RemoteDatabase database = RemoteDatabase.start(scene.newDataDirectory());
                KubernetesApi kubernetes = new KubernetesApi(scene.directory())) {
            int port = FreePorts.next();
            kubernetes.addPod(port);
            ServerProcess node = scene.spawn(kubernetes
                    .usedBy(database.usedBy(launch()), port)
                    .withEnvironment("MEMFUSE_CLUSTER_JOIN_TIMEOUT", "8s"));
            assertThat(node.awaitEnd()).isEqualTo(1);
            assertThat(node.errors()).anyMatch(line -> line.contains("did not become a member"));
        }
    }

    private Launch launch() {
        return Launch.in(scene.newDataDirectory().path()).wordsOnly();
    }

    private static long membersUp(int port) throws IOException, InterruptedException {
        JsonNode members = new ObjectMapper()
                .readTree(ask(port, "/cluster/members").body())
                .path("members");
        return StreamSupport.stream(members.spliterator(), false)
                .filter(member -> member.path("status").asText().equals("Up"))
                .count();
    }

    private static HttpResponse<String> ask(int port, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    }
}
