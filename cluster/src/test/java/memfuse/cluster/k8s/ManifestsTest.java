package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestsTest {
    private static final String SERVICE =
            "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: %s}]%s}}";

    static List<Path> files() throws IOException {
        return Manifests.files();
    }

    /** Patches are parts of their objects, and are read as such. */
    @ParameterizedTest
    @MethodSource("files")
    void readsEveryFileIntoTheModelsOfKubernetes(Path file) throws IOException {
        assertThat(Manifests.read(file))
                .isNotEmpty()
                .allSatisfy(object -> assertThat(object.getMetadata().getName()).isNotEmpty());
    }

    @Test
    void refusesWhatKubernetesDoesNotKnow() {
        assertThat(Manifests.parse(SERVICE.formatted("1", ""))).hasSize(1);
        assertThatThrownBy(() -> Manifests.parse(SERVICE.formatted("1", ", selectr: {}")))
                .hasMessageContaining("selectr");
        assertThatThrownBy(() -> Manifests.parse(SERVICE.formatted("[]", ""))).hasMessageContaining("port");
        assertThatThrownBy(() -> Manifests.parse("{apiVersion: v1, kind: Servce}"))
                .hasMessageContaining("v1/Servce");
    }

    /** So that no manifest is written and forgotten, and no overlay names what is not there. */
    @ParameterizedTest
    @ValueSource(strings = {"base", "overlays/development", "overlays/production"})
    void listsEveryFileOfADirectory(String name) throws IOException {
        Path directory = Manifests.DIRECTORY.resolve(name);
        JsonNode kustomization = Manifests.trees(Files.readString(directory.resolve("kustomization.yaml")))
                .get(0);
        assertThat(kustomization.fieldNames())
                .toIterable()
                .isSubsetOf(Set.of(
                        "apiVersion",
                        "kind",
                        "namespace",
                        "resources",
                        "patches",
                        "labels",
                        "images",
                        "configMapGenerator"));
        List<Path> listed = new ArrayList<>();
        kustomization.path("resources").forEach(resource -> listed.add(directory.resolve(resource.asText())));
        kustomization
                .path("patches")
                .forEach(
                        patch -> listed.add(directory.resolve(patch.path("path").asText())));
        kustomization
                .path("configMapGenerator")
                .forEach(map -> map.path("files")
                        .forEach(file -> listed.add(directory.resolve(
                                file.asText().substring(file.asText().indexOf('=') + 1)))));
        assertThat(listed).allSatisfy(path -> assertThat(path).exists());
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.filter(file -> !file.endsWith("kustomization.yaml")))
                    .isSubsetOf(listed);
        }
    }
}
