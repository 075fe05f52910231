package memfuse.cluster.process;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodListBuilder;
import io.fabric8.mockwebserver.DefaultMockServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The one question of Kubernetes' API that nodes ask, which pods there are, over TLS and behind a token. */
final class KubernetesApi implements AutoCloseable {
    private static final String NAMESPACE = "memories";
    private static final String LABEL = "memfuse";
    private static final String PODS = "/api/v1/namespaces/" + NAMESPACE + "/pods?labelSelector=app%3D" + LABEL;

    /** Kept, because a logger that nobody keeps forgets its level. */
    private static final Logger EACH_REQUEST = Logger.getLogger("io.fabric8.mockwebserver.MockWebServer");

    private final DefaultMockServer server = new DefaultMockServer(true);
    private final List<Pod> pods = new CopyOnWriteArrayList<>();
    private final Path account;

    /** @param directory where the files of the service account are put */
    KubernetesApi(Path directory) throws IOException {
        EACH_REQUEST.setLevel(Level.WARNING);
        server.start();
        account = Files.createDirectories(directory.resolve("serviceaccount"));
        Files.writeString(account.resolve("token"), "a-token");
        Files.writeString(account.resolve("namespace"), NAMESPACE);
        Files.copy(Path.of(server.getSelfSignedCertificate().certificatePath()), account.resolve("ca.crt"));
        server.expect()
                .get()
                .withPath(PODS)
                .andReply(200, request -> json(request.getHeaders().get("Authorization")))
                .withHeader("Content-Type", "application/json")
                .always();
    }

    private String json(String authorization) {
        List<Pod> shown = "Bearer a-token".equals(authorization) ? pods : List.of();
        try {
            return new ObjectMapper()
                    .writeValueAsString(new PodListBuilder().withItems(shown).build());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** From now on there is a pod whose port of the name {@code management} is this one of 127.0.0.1. */
    void addPod(int managementPort) {
        pods.add(new PodBuilder()
                .withNewMetadata()
                .withName("memfuse-" + pods.size())
                .addToLabels("app", LABEL)
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("memfuse")
                .addNewPort()
                .withName("http")
                .withContainerPort(8000)
                .endPort()
                .addNewPort()
                .withName("management")
                .withContainerPort(managementPort)
                .endPort()
                .endContainer()
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("127.0.0.1")
                .endStatus()
                .build());
    }

    /** The launch of a node in a pod of this cluster. */
    Launch usedBy(Launch launch, int managementPort) {
        String discovery = "pekko.discovery.kubernetes-api.";
        return launch.withEnvironment("KUBERNETES_SERVICE_HOST", server.getHostName())
                .withEnvironment("KUBERNETES_SERVICE_PORT", Integer.toString(server.getPort()))
                .withEnvironment("MEMFUSE_MANAGEMENT_PORT", Integer.toString(managementPort))
                .withEnvironment("MEMFUSE_CLUSTER_DISCOVERY", "kubernetes-api")
                .withEnvironment("MEMFUSE_CLUSTER_SERVICE_NAME", LABEL)
                .withEnvironment("MEMFUSE_CLUSTER_REQUIRED_CONTACT_POINTS", "2")
                .with(discovery + "api-ca-path", account.resolve("ca.crt").toString())
                .with(discovery + "api-token-path", account.resolve("token").toString())
                .with(
                        discovery + "pod-namespace-path",
                        account.resolve("namespace").toString());
    }

    @Override
    public void close() {
        server.shutdown();
    }
}
