package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import memfuse.cluster.settings.ClusterSettings.Discovery;
import memfuse.cluster.settings.LoadedSettings;
import memfuse.cluster.settings.MemFuseSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The overlays as they are applied. */
class OverlaysTest {
    @Test
    void runsOneNodeWithItsOwnDatabaseInDevelopment() throws Exception {
        List<HasMetadata> objects = Rendered.of(Manifests.DIRECTORY.resolve("overlays/development"));
        Node node = Node.in(objects);
        assertThat(node.deployment().getSpec().getReplicas()).isEqualTo(1);
        assertThat(node.deployment().getSpec().getStrategy().getType()).isEqualTo("Recreate");
        assertThat(node.pod().getSpec().getVolumes())
                .anySatisfy(
                        volume -> assertThat(volume.getPersistentVolumeClaim().getClaimName())
                                .isEqualTo(Manifests.only(PersistentVolumeClaim.class, objects)
                                        .getMetadata()
                                        .getName()));
        MemFuseSettings settings = node.settings().settings();
        assertThat(settings.database().external()).isEmpty();
        assertThat(settings.cluster().hasOthers()).isFalse();
    }

    @Test
    void runsNodesThatFindEachOtherInProduction() throws Exception {
        List<HasMetadata> objects = production();
        Node node = Node.in(objects);
        LoadedSettings loaded = node.settings();
        MemFuseSettings settings = loaded.settings();
        assertThat(settings.database().external()).isPresent();
        assertThat(settings.auth().enabled()).isTrue();
        assertThat(settings.cluster().discovery()).isEqualTo(Discovery.KUBERNETES_API);

        Config pekko = loaded.config().getConfig("pekko");
        String selector = pekko.getString("discovery.kubernetes-api.pod-label-selector")
                .formatted(settings.cluster().serviceName());
        assertThat(node.pod().getMetadata().getLabels())
                .containsEntry(selector.split("=", 2)[0], selector.split("=", 2)[1]);
        String portName = pekko.getString("management.cluster.bootstrap.contact-point-discovery.port-name");
        assertThat(settings.management().port()).hasValue(node.port(portName));
        assertMayListPods(node, objects);
    }

    /** Kubernetes gives up on a rollout later than a node on joining. */
    @Test
    void waitsForNodesThatWaitForEachOther() throws Exception {
        Node node = Node.in(production());
        assertThat(node.settings().settings().cluster().joinTimeout())
                .isLessThan(Duration.ofSeconds(node.deployment().getSpec().getProgressDeadlineSeconds()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"development", "production"})
    void putsEverythingIntoOneNamespace(String overlay) throws Exception {
        List<HasMetadata> objects =
                Rendered.of(Manifests.DIRECTORY.resolve("overlays").resolve(overlay));
        Namespace namespace = Manifests.only(Namespace.class, objects);
        assertThat(objects)
                .filteredOn(object -> object != namespace)
                .allSatisfy(object -> assertThat(object.getMetadata().getNamespace())
                        .isEqualTo(namespace.getMetadata().getName()));
    }

    private static void assertMayListPods(Node node, List<HasMetadata> objects) {
        ServiceAccount account = Manifests.only(ServiceAccount.class, objects);
        Role role = Manifests.only(Role.class, objects);
        RoleBinding binding = Manifests.only(RoleBinding.class, objects);
        assertThat(node.pod().getSpec().getServiceAccountName())
                .isEqualTo(account.getMetadata().getName());
        assertThat(node.pod().getSpec().getAutomountServiceAccountToken()).isTrue();
        assertThat(binding.getSubjects())
                .singleElement()
                .satisfies(subject -> assertThat(subject.getName())
                        .isEqualTo(account.getMetadata().getName()))
                .satisfies(subject -> assertThat(subject.getNamespace())
                        .isEqualTo(account.getMetadata().getNamespace())
                        .isNotEmpty());
        assertThat(binding.getRoleRef().getName()).isEqualTo(role.getMetadata().getName());
        assertThat(role.getRules()).singleElement().satisfies(rule -> {
            assertThat(rule.getResources()).containsExactly("pods");
            assertThat(rule.getVerbs()).containsExactly("get", "list", "watch");
        });
    }

    @Test
    void keepsAMajorityInProduction() throws Exception {
        List<HasMetadata> objects = production();
        Node node = Node.in(objects);
        HorizontalPodAutoscaler autoscaler = Manifests.only(HorizontalPodAutoscaler.class, objects);
        assertThat(autoscaler.getSpec().getScaleTargetRef().getName())
                .isEqualTo(node.deployment().getMetadata().getName());
        assertThat(node.deployment().getSpec().getReplicas())
                .as("said by the autoscaler alone")
                .isNull();
        int fewest = autoscaler.getSpec().getMinReplicas();
        assertThat(fewest).isGreaterThanOrEqualTo(3);
        assertThat(node.settings().settings().cluster().requiredContactPoints()).isBetween(fewest / 2 + 1, fewest);
        PodDisruptionBudget budget = Manifests.only(PodDisruptionBudget.class, objects);
        assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(node.pod().getSpec().getTopologySpreadConstraints())
                .extracting(spread -> spread.getTopologyKey() + " " + spread.getWhenUnsatisfiable())
                .contains("kubernetes.io/hostname DoNotSchedule");
    }

    @Test
    void selectsTheNodesByTheirLabels() throws Exception {
        List<HasMetadata> objects = production();
        Map<String, String> labels = Node.in(objects).pod().getMetadata().getLabels();
        Stream<LabelSelector> selectors = Stream.concat(
                Node.in(objects).pod().getSpec().getTopologySpreadConstraints().stream()
                        .map(spread -> spread.getLabelSelector()),
                Stream.of(
                        Manifests.only(PodDisruptionBudget.class, objects)
                                .getSpec()
                                .getSelector(),
                        Manifests.only(NetworkPolicy.class, objects).getSpec().getPodSelector()));
        assertThat(selectors)
                .allSatisfy(selector -> assertThat(labels)
                        .containsAllEntriesOf(selector.getMatchLabels())
                        .isNotEmpty());
        Service service = Manifests.only(Service.class, objects);
        ServiceMonitor monitor = Manifests.only(ServiceMonitor.class, objects);
        assertThat(service.getMetadata().getLabels())
                .containsAllEntriesOf(monitor.getSpec().getSelector().getMatchLabels());
        assertThat(monitor.getSpec().getEndpoints())
                .singleElement()
                .satisfies(endpoint -> assertThat(service.getSpec().getPorts())
                        .anySatisfy(port -> assertThat(port.getName()).isEqualTo(endpoint.getPort())));
    }

    /** Metrics and the ports of the nodes ask for no key. */
    @Test
    void leadsNobodyOutsideToWhatAsksForNoKey() throws Exception {
        List<HasMetadata> objects = production();
        Service service = Manifests.only(Service.class, objects);
        assertThat(Manifests.only(Ingress.class, objects).getSpec().getRules())
                .singleElement()
                .satisfies(rule -> assertThat(rule.getHttp().getPaths()).allSatisfy(path -> {
                    assertThat(path.getPath()).isIn("/api/v1", "/docs", "/openapi.json");
                    assertThat(path.getBackend().getService().getName())
                            .isEqualTo(service.getMetadata().getName());
                }));
        assertThat(service.getSpec().getPorts()).hasSize(1);
        assertThat(Manifests.only(NetworkPolicy.class, objects).getSpec().getIngress())
                .filteredOn(rule -> rule.getPorts().stream()
                        .anyMatch(port -> !port.getPort().getValue().equals("http")))
                .flatMap(rule -> rule.getFrom())
                .allSatisfy(from -> {
                    assertThat(from.getNamespaceSelector()).isNull();
                    assertThat(from.getPodSelector()).isNotNull();
                });
    }

    @Test
    void letsNodesReachEachOther() throws Exception {
        List<HasMetadata> objects = production();
        Node node = Node.in(objects);
        NetworkPolicy policy = Manifests.only(NetworkPolicy.class, objects);
        assertThat(policy.getSpec().getEgress().get(0).getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(node.port("cluster"), node.port("management"));
        assertThat(policy.getSpec().getIngress())
                .flatMap(rule -> rule.getPorts())
                .extracting(port -> port.getPort().getStrVal())
                .allSatisfy(name -> assertThat(node.port(name)).isPositive())
                .contains("http", "cluster", "management");
    }

    @Test
    void asksForSecretsOfWhichThereIsAnExample() throws Exception {
        List<Secret> examples = Manifests.all(Secret.class, Manifests.read(Manifests.EXAMPLES.resolve("secrets.yaml")));
        Stream<String> asked = Node.in(production()).container().getEnv().stream()
                .filter(variable -> variable.getValueFrom() != null
                        && variable.getValueFrom().getSecretKeyRef() != null)
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .map(key -> key.getName() + "/" + key.getKey());
        assertThat(asked)
                .containsExactlyInAnyOrderElementsOf(examples.stream()
                        .flatMap(secret -> secret.getStringData().keySet().stream()
                                .map(key -> secret.getMetadata().getName() + "/" + key))
                        .toList());
    }

    private static List<HasMetadata> production() throws IOException, InterruptedException {
        return Rendered.of(Manifests.PRODUCTION);
    }
}
