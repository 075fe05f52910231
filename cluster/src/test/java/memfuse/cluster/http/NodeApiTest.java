package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import memfuse.cluster.http.ApiServer.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node tells of itself. */
class NodeApiTest {
    private final ApiServer server = new ApiServer();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void countsRequestsByRouteAndStatusWithoutTheirIds() {
        server.get("/api/v1/users/u1");
        server.get("/api/v1/users/u1/");
        server.get("/api/v1/users/nobody");
        server.get("/no/such/path");
        Answer metrics = server.get("/metrics");

        assertThat(metrics.header("content-type")).isEqualTo("text/plain; version=0.0.4; charset=UTF-8");
        assertThat(metrics.body())
                .contains(requests("GET", "/api/v1/users/{id}", 200, 2))
                .contains(requests("GET", "/api/v1/users/{id}", 404, 1))
                .contains(requests("GET", "none", 404, 1))
                .contains("memfuse_users_awake 0.0", "memfuse_flush_workers 2.0", "jvm_memory_used_bytes")
                .contains("memfuse_facts_model_output_tokens_total 200.0", "memfuse_facts_stored_total 0.0")
                .contains("memfuse_query_cache_total{kind=\"similar\"} 0.0")
                .doesNotContain("/u1", "nobody", "such");
    }

    private static String requests(String method, String route, int status, int count) {
        return "memfuse_http_requests_seconds_count{method=\"%s\",route=\"%s\",status=\"%d\"} %d\n"
                .formatted(method, route, status, count);
    }

    @Test
    void tellsOperatorsWhatIsGoingOn() {
        server.get("/api/v1/users/u1");
        var stats = server.get("/api/v1/stats").json().path("data").path("stats");
        assertThat(stats.path("last_minute").path("requests").asInt()).isEqualTo(1);
        assertThat(stats.path("flush").path("workers").asInt()).isEqualTo(2);
        assertThat(stats.path("embedding").isNull()).isTrue();
        assertThat(stats.path("facts").path("model").path("input_tokens").asInt())
                .isEqualTo(2_000);
        assertThat(stats.path("facts").path("model").path("cost").asDouble()).isEqualTo(0.0011);
        assertThat(stats.path("query_cache").path("similar").asInt(-1)).isZero();
        assertThat(stats.path("heap_used_bytes").asLong()).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/buffer", "/api/v1/health/buffer", "/health/performance/"})
    void isHealthyUntilSomethingIsWrong(String path) {
        assertThat(server.get(path).json().path("data").path("status").asText()).isEqualTo("ok");
        server.notReady = Optional.of("the database does not answer");
        Answer ill = server.get(path);
        assertThat(ill.status()).isEqualTo(503);
        assertThat(ill.header("retry-after")).isEqualTo("1");
        assertThat(ill.json().path("message").asText()).isEqualTo("the database does not answer");
    }

    @Test
    void saysWhatIsHealthy() {
        assertThat(server.get("/health/buffer").json().path("message").asText()).isEqualTo("The buffers are healthy");
        assertThat(server.get("/health/performance").json().path("message").asText())
                .isEqualTo("The performance is healthy");
    }

    @Test
    void isNotWellWhenRequestsFail() {
        server.databaseIsGone = true;
        for (int i = 0; i < 20; i++) {
            assertThat(server.get("/api/v1/users/u1").status()).isEqualTo(503);
        }
        Answer ill = server.get("/health/performance");
        assertThat(ill.status()).isEqualTo(503);
        assertThat(ill.json().path("errors").get(0).path("field").asText()).isEqualTo("error_rate_check");
        assertThat(ill.json().path("message").asText()).isEqualTo("100 % of requests failed");
    }
}
