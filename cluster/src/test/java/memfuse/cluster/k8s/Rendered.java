package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What {@code kubectl kustomize} makes of a directory; a test that asks for it is skipped where there is no kubectl. */
final class Rendered {
    private Rendered() {}

    static List<HasMetadata> of(Path directory) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("kubectl", "kustomize", directory.toString());
        Process kubectl;
        try {
            kubectl = builder.redirectErrorStream(true).start();
        } catch (IOException absent) {
            return abort("kubectl is not installed: the overlay is not rendered, its files alone are checked");
        }
        String said = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kubectl.waitFor()).as(said).isZero();
        return Manifests.parse(said);
    }
}
