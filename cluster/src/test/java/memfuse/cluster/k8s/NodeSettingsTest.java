package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import memfuse.cluster.settings.LoadedSettings;
import memfuse.cluster.settings.MemFuseSettings;
import org.junit.jupiter.api.Test;

/** The Deployment that all overlays stand on, beside the settings of the code that it runs. */
class NodeSettingsTest {
    private static final Path DEFAULTS = Path.of("src/main/resources/reference.conf");
    private static final Pattern ENVIRONMENT_NAME = Pattern.compile("\\$\\{\\?(MEMFUSE_\\w+)}");

    private final Node node = base();
    private final LoadedSettings loaded = node.settings();
    private final MemFuseSettings settings = loaded.settings();

    private static Node base() {
        try {
            return Node.in(Manifests.read(Manifests.BASE.resolve("deployment.yaml")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void setsOnlyWhatTheServerReads() throws IOException {
        Set<String> known = ENVIRONMENT_NAME
                .matcher(Files.readString(DEFAULTS))
                .results()
                .map(name -> name.group(1))
                .collect(Collectors.toSet());
        assertThat(environmentNamesInAllFiles()).isNotEmpty().isSubsetOf(known);
    }

    private static Set<String> environmentNamesInAllFiles() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Path file : Manifests.files()) {
            Manifests.all(Deployment.class, Manifests.read(file)).stream()
                    .flatMap(deployment -> new Node(deployment).container().getEnv().stream())
                    .map(EnvVar::getName)
                    .filter(name -> name.startsWith("MEMFUSE_"))
                    .forEach(names::add);
        }
        Pattern.compile("MEMFUSE_\\w+")
                .matcher(Files.readString(Dockerfile.FILE))
                .results()
                .map(MatchResult::group)
                .forEach(names::add);
        return names;
    }

    @Test
    void opensThePortsThatTheServerListensOn() {
        assertThat(node.port("http")).isEqualTo(settings.http().port());
        assertThat(settings.http().host()).isEqualTo("0.0.0.0");
        assertThat(node.port("cluster")).isEqualTo(settings.cluster().port());
        assertThat(settings.cluster().host()).isEqualTo(Node.POD_IP);
        assertThat(settings.management().port()).hasValue(node.port("management"));
        assertThat(settings.management().host()).isEqualTo(Node.POD_IP);
    }

    @Test
    void leadsTheServiceToThePortOfTheApi() throws IOException {
        List<HasMetadata> objects = Manifests.read(Manifests.BASE.resolve("service.yaml"));
        Service service = Manifests.only(Service.class, objects);
        assertThat(service.getSpec().getSelector())
                .isEqualTo(node.deployment().getSpec().getSelector().getMatchLabels());
        assertThat(node.pod().getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector());
        assertThat(service.getSpec().getPorts())
                .singleElement()
                .satisfies(port -> assertThat(port.getTargetPort().getStrVal()).isEqualTo("http"));
    }

    @Test
    void asksTheChecksOfTheManagementPort() {
        Config checks = loaded.config().getConfig("pekko.management.health-checks");
        String ready = "/" + checks.getString("readiness-path");
        String alive = "/" + checks.getString("liveness-path");
        Container container = node.container();
        assertAsks(container.getReadinessProbe(), ready);
        assertAsks(container.getLivenessProbe(), alive);
        assertAsks(container.getStartupProbe(), alive);
    }

    private static void assertAsks(Probe probe, String path) {
        assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
        assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
    }

    @Test
    void givesAStopTheTimeOfAllItsPhases() {
        Duration beforeStop = Duration.ofSeconds(Long.parseLong(node.container()
                .getLifecycle()
                .getPreStop()
                .getExec()
                .getCommand()
                .get(1)));
        Duration grace = Duration.ofSeconds(node.pod().getSpec().getTerminationGracePeriodSeconds());
        assertThat(grace).isGreaterThanOrEqualTo(beforeStop.plus(longestStop()));
    }

    /** Each phase at its bound; two have bounds of their own in the settings. */
    private Duration longestStop() {
        Config shutdown = loaded.config().getConfig("pekko.coordinated-shutdown");
        Config phases = shutdown.getConfig("phases");
        Duration longest = Duration.ZERO;
        for (String phase : phases.root().keySet()) {
            longest = longest.plus(
                    switch (phase) {
                        case "service-requests-done" -> settings.shutdown().requestTimeout();
                        case "service-stop" -> settings.shutdown().drainTimeout();
                        default ->
                            phases.hasPath(phase + ".timeout")
                                    ? phases.getDuration(phase + ".timeout")
                                    : shutdown.getDuration("default-phase-timeout");
                    });
        }
        return longest;
    }

    @Test
    void hasRoomForFilesThatAreImported() {
        Volume temporary = volume("/tmp");
        Quantity room = temporary.getEmptyDir().getSizeLimit();
        long needed = settings.transfer().maxConcurrent() * settings.transfer().maxImportBytes();
        assertThat(room.getNumericalAmount()).isGreaterThan(BigDecimal.valueOf(needed));
    }

    @Test
    void writesIntoVolumesOnly() {
        Container container = node.container();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(node.pod().getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(Path.of("/").resolve(settings.dataDir())).isEqualTo(Path.of("/data"));
        assertThat(volume("/data").getName()).isEqualTo("data");
    }

    @Test
    void boundsMemoryAndNotProcessorTime() {
        var resources = node.container().getResources();
        assertThat(resources.getLimits()).containsOnlyKeys("memory");
        assertThat(resources.getRequests().get("memory"))
                .isEqualTo(resources.getLimits().get("memory"));
        assertThat(resources.getRequests()).containsKey("cpu");
    }

    private Volume volume(String path) {
        String name = node.container().getVolumeMounts().stream()
                .filter(mount -> mount.getMountPath().equals(path))
                .map(VolumeMount::getName)
                .findFirst()
                .orElseThrow();
        return node.pod().getSpec().getVolumes().stream()
                .filter(volume -> volume.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
