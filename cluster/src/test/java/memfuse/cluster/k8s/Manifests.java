package memfuse.cluster.k8s;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads manifests into Kubernetes' own models, strictly: an unknown kind, field or type is an error. */
final class Manifests {
    static final Path DIRECTORY = Path.of("../k8s");
    static final Path EXAMPLES = DIRECTORY.resolve("examples");
    static final Path BASE = DIRECTORY.resolve("base");
    static final Path PRODUCTION = DIRECTORY.resolve("overlays/production");

    private static final ObjectMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .annotationIntrospector(new WithoutLeftovers())
            .build();

    private static final Map<String, Class<? extends HasMetadata>> KINDS =
            ServiceLoader.load(KubernetesResource.class).stream()
                    .map(ServiceLoader.Provider::type)
                    .filter(HasMetadata.class::isAssignableFrom)
                    .<Class<? extends HasMetadata>>map(type -> type.asSubclass(HasMetadata.class))
                    .collect(Collectors.toMap(
                            type -> HasMetadata.getApiVersion(type) + "/" + HasMetadata.getKind(type),
                            Function.identity(),
                            (one, another) -> one));

    private Manifests() {}

    /** The models keep fields that they do not know; here they are refused. */
    private static final class WithoutLeftovers extends JacksonAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean hasAnySetter(Annotated member) {
            return false;
        }
    }

    /** All manifests: everything but kustomizations and what is meant for other programs. */
    static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !file.endsWith("kustomization.yaml"))
                    .filter(file -> !file.endsWith("prometheus-adapter.yaml"))
                    .sorted()
                    .toList();
        }
    }

    static List<HasMetadata> read(Path file) throws IOException {
        return parse(Files.readString(file));
    }

    /** The objects of a stream of YAML documents. */
    static List<HasMetadata> parse(String documents) {
        return trees(documents).stream().map(Manifests::object).toList();
    }

    /** The documents as they stand there. */
    static List<JsonNode> trees(String documents) {
        try (JsonParser parser = YAML.createParser(documents)) {
            return YAML.readValues(parser, JsonNode.class).readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static HasMetadata object(JsonNode document) {
        String kind = document.path("apiVersion").asText() + "/"
                + document.path("kind").asText();
        Class<? extends HasMetadata> type = KINDS.get(kind);
        if (type == null) {
            throw new IllegalArgumentException("unknown kind: " + kind);
        }
        try {
            return YAML.treeToValue(document, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The only object of a type. */
    static <T> T only(Class<T> type, List<HasMetadata> objects) {
        List<T> found = all(type, objects);
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " objects of " + type.getSimpleName());
        }
        return found.get(0);
    }

    static <T> List<T> all(Class<T> type, List<HasMetadata> objects) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
