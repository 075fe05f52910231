package memfuse.cluster.http.resource;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.output.Json;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.cluster.metrics.RecentRequests.Minute;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/**
 * {@code /health/buffer} and {@code /health/performance}: how well the node works, with the checks' names of the
 * requirements. Each check says {@code ok} or what is wrong; with one that is wrong the answer is a 503. Answered from
 * memory.
 */
public final class HealthChecks {
    private static final String OK = "ok";
    private static final double MAX_HEAP_SHARE = 0.95;
    private static final double MAX_FAILED_SHARE = 0.01;
    private static final double MAX_P95_MS = 1000;

    /** Fewer requests in a minute say nothing. */
    private static final int FEW_REQUESTS = 20;

    private final ServerStatus server;
    private final NodeState node;
    private final Metrics metrics;

    public HealthChecks(ServerStatus server, NodeState node, Metrics metrics) {
        this.server = server;
        this.node = node;
        this.metrics = metrics;
    }

    public void addTo(RouteTable routes) {
        for (String prefix : new String[] {"", "/api/v1"}) {
            routes.getFree(prefix + "/health/buffer", Need.NOTHING, this::buffer)
                    .getFree(prefix + "/health/performance", Need.NOTHING, this::performance);
        }
    }

    private CompletionStage<HttpResponse> buffer(Call call) {
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put("buffer_service_status", server.notReadyBecause().get().orElse(OK));
        checks.put("component_health", flushing().orElse(OK));
        checks.put("memory_usage_check", memory().orElse(OK));
        checks.put("worker_pool_status", workers().orElse(OK));
        return CompletableFuture.completedFuture(answer("The buffers are healthy", checks, json -> {
            json.writeNumberField("messages_unflushed", node.users().unflushedMessages());
            NodeResource.writeFlushes(json, node.flushes(), node.flushWorkers());
            NodeResource.writeHeap(json);
        }));
    }

    private Optional<String> flushing() {
        int failures = node.flushes().failuresInARow();
        return problem(failures > 0, "the store refused the last " + failures + " flushes");
    }

    private static Optional<String> memory() {
        Runtime runtime = Runtime.getRuntime();
        double share = (double) (runtime.totalMemory() - runtime.freeMemory()) / runtime.maxMemory();
        return problem(share > MAX_HEAP_SHARE, "the heap is full: " + Math.round(share * 100) + " %");
    }

    private Optional<String> workers() {
        boolean behind = node.flushes().busyWorkers() >= node.flushWorkers()
                && node.flushes().waiting() > node.users().awakeSessions() / 2
                && node.flushes().waiting() > node.flushWorkers();
        return problem(
                behind, "all flush workers are busy, and " + node.flushes().waiting() + " flushes wait");
    }

    private CompletionStage<HttpResponse> performance(Call call) {
        Minute minute = metrics.lastMinute();
        boolean tellsSomething = minute.requests() >= FEW_REQUESTS;
        long p95 = Math.round(minute.millisAt(95));
        long failed = Math.round(minute.failedShare() * 100);
        Map<String, String> checks = new LinkedHashMap<>();
        checks.put(
                "latency_check",
                problem(tellsSomething && p95 > MAX_P95_MS, "the 95th percentile is " + p95 + " ms")
                        .orElse(OK));
        checks.put("throughput_check", server.notReadyBecause().get().orElse(OK));
        checks.put(
                "error_rate_check",
                problem(tellsSomething && minute.failedShare() > MAX_FAILED_SHARE, failed + " % of requests failed")
                        .orElse(OK));
        return CompletableFuture.completedFuture(
                answer("The performance is healthy", checks, json -> NodeResource.write(json, minute)));
    }

    private static Optional<String> problem(boolean there, String what) {
        return there ? Optional.of(what) : Optional.empty();
    }

    private static HttpResponse answer(String message, Map<String, String> checks, Json.Writer fields) {
        for (Map.Entry<String, String> check : checks.entrySet()) {
            if (!Objects.equals(check.getValue(), OK)) {
                return Refusals.unhealthy(check.getKey(), check.getValue());
            }
        }
        return Answers.ok(message, json -> {
            json.writeStringField("status", OK);
            json.writeObjectFieldStart("checks");
            for (String check : checks.keySet()) {
                json.writeStringField(check, OK);
            }
            json.writeEndObject();
            fields.write(json);
        });
    }
}
