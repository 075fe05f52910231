package memfuse.cluster.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.Rule;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.layers.FactCounters;
import memfuse.actors.user.ActiveUsers;
import memfuse.actors.user.IndexBudget;
import memfuse.actors.user.UserCounters;
import memfuse.cluster.metrics.FactState;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.persistence.database.PoolState;
import memfuse.protocol.facts.ExtractionUsage;
import org.junit.jupiter.api.Test;

/** Alerts, dashboard and autoscaler ask for metrics that there are. */
class MonitoringTest {
    private static final Path OPERATIONS = Path.of("../docs/operations.md");

    private static final Path API_DESCRIPTION = Path.of("src/main/resources/memfuse/cluster/http/docs");

    /** What Prometheus itself makes of a scrape. */
    private static final String UP = "up";

    private final Set<String> exported = exported();

    /** The series of a node that has answered a request. */
    private static Set<String> exported() {
        NodeState node = new NodeState(
                new ActiveUsers(),
                new UserCounters(),
                new IndexBudget(1),
                new FlushCounters(),
                3,
                () -> Optional.of(new EmbeddingStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
                Optional.of(new FactState(new FactCounters(), () -> ExtractionUsage.NONE)));
        try (Metrics metrics = new Metrics(node, System::nanoTime)) {
            metrics.bindRequestsInWork(node, state -> 0, state -> 0);
            metrics.bindDatabase(() -> new PoolState(0, 0, 0, 0));
            metrics.answered("POST", "/api/v1/users/{user_id}/query", 200, 1);
            Set<String> names = Pattern.compile("^[a-z_]+", Pattern.MULTILINE)
                    .matcher(metrics.scrape())
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.toSet());
            names.add(UP);
            return names;
        }
    }

    @Test
    void alertsOnMetricsThatThereAre() throws IOException {
        assertThat(alerts())
                .isNotEmpty()
                .allSatisfy(alert -> assertThat(PromQl.metrics(alert.getExpr().getStrVal()))
                        .as(alert.getAlert())
                        .isNotEmpty()
                        .isSubsetOf(exported));
    }

    @Test
    void explainsEveryAlert() throws IOException {
        String explained = Files.readString(OPERATIONS);
        assertThat(alerts())
                .extracting(Rule::getAlert)
                .isNotEmpty()
                .allSatisfy(alert -> assertThat(explained).contains("| `" + alert + "` |"));
    }

    private static List<Rule> alerts() throws IOException {
        List<PrometheusRule> rules =
                Manifests.all(PrometheusRule.class, Manifests.read(Manifests.PRODUCTION.resolve("alerts.yaml")));
        return rules.get(0).getSpec().getGroups().stream()
                .flatMap(group -> group.getRules().stream())
                .toList();
    }

    @Test
    void showsMetricsThatThereAre() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Manifests.PRODUCTION.resolve("dashboard.json").toFile());
        assertThat(dashboard.path("panels"))
                .isNotEmpty()
                .allSatisfy(panel -> assertThat(panel.path("targets"))
                        .isNotEmpty()
                        .allSatisfy(target -> assertThat(
                                        PromQl.metrics(target.path("expr").asText()))
                                .as(panel.path("title").asText())
                                .isNotEmpty()
                                .isSubsetOf(exported)));
    }

    /** The adapter's rule makes the metric that the autoscaler asks for, of one that nodes export. */
    @Test
    void scalesByAMetricThatThereIs() throws IOException {
        JsonNode rule = Manifests.trees(Files.readString(Manifests.EXAMPLES.resolve("prometheus-adapter.yaml")))
                .get(0)
                .at("/rules/custom/0");
        HorizontalPodAutoscaler autoscaler = Manifests.only(
                HorizontalPodAutoscaler.class, Manifests.read(Manifests.PRODUCTION.resolve("autoscaler.yaml")));
        assertThat(autoscaler.getSpec().getMetrics())
                .singleElement()
                .satisfies(metric -> assertThat(metric.getPods().getMetric().getName())
                        .isEqualTo(rule.at("/name/as").asText()));
        assertThat(PromQl.metrics(rule.path("seriesQuery").asText()))
                .isNotEmpty()
                .isSubsetOf(exported);
        assertThat(alerts())
                .as("below the fewest nodes there is an alarm")
                .anySatisfy(alert -> assertThat(alert.getExpr().getStrVal())
                        .contains("== 1) < " + autoscaler.getSpec().getMinReplicas()));
    }

    /** Routes are told by the patterns of their paths, which the description of the API has as well. */
    @Test
    void looksAtRoutesThatThereAre() throws IOException {
        String description = "";
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(API_DESCRIPTION, "*.yaml")) {
            for (Path part : parts) {
                description += Files.readString(part);
            }
        }
        List<String> routes = groups("(?m)^  (/\\S+):$", description);
        for (Path file : List.of(
                Manifests.PRODUCTION.resolve("alerts.yaml"),
                Manifests.PRODUCTION.resolve("dashboard.json"),
                Manifests.EXAMPLES.resolve("prometheus-adapter.yaml"))) {
            assertThat(groups("route[=!]~\\\\?\"([^\"\\\\]+)", Files.readString(file)))
                    .isNotEmpty()
                    .allSatisfy(asked -> assertThat(routes).anyMatch(route -> route.matches(asked)));
        }
    }

    private static List<String> groups(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .toList();
    }

    @Test
    void findsTheNamesInAnExpression() {
        assertThat(PromQl.metrics("sum by (pod) (rate(a_total{b=~\"c\"}[5m])) / on (pod) d_e > 0.5 and up == 1"))
                .containsExactly("a_total", "d_e", "up");
    }
}
