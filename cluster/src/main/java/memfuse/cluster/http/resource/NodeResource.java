package memfuse.cluster.http.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.flush.FlushCounters;
import memfuse.cluster.http.output.Answers;
import memfuse.cluster.http.route.Call;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.RouteTable;
import memfuse.cluster.metrics.FactState;
import memfuse.cluster.metrics.Metrics;
import memfuse.cluster.metrics.NodeState;
import memfuse.cluster.metrics.RecentRequests.Minute;
import memfuse.protocol.facts.ExtractionUsage;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;

/** What a node tells of itself: {@code /metrics} for Prometheus, {@code /stats} for people. Answered from memory. */
public final class NodeResource {
    /** The text format that Prometheus reads. */
    private static final ContentType PROMETHEUS = ContentTypes.parse("text/plain; version=0.0.4; charset=UTF-8");

    private final NodeState node;
    private final Metrics metrics;

    public NodeResource(NodeState node, Metrics metrics) {
        this.node = node;
        this.metrics = metrics;
    }

    public void addTo(RouteTable routes) {
        routes.getFree("/metrics", Need.NOTHING, this::metrics).getFree("/api/v1/stats", Need.ADMIN, this::stats);
    }

    private CompletionStage<HttpResponse> metrics(Call call) {
        return CompletableFuture.completedFuture(HttpResponse.create()
                .withEntity(HttpEntities.create(PROMETHEUS, metrics.scrape().getBytes(UTF_8))));
    }

    private CompletionStage<HttpResponse> stats(Call call) {
        return CompletableFuture.completedFuture(Answers.ok("Stats retrieved successfully", "stats", json -> {
            json.writeStartObject();
            json.writeNumberField(
                    "uptime_seconds", ManagementFactory.getRuntimeMXBean().getUptime() / 1000);
            json.writeNumberField("users_awake", node.activeUsers().count());
            json.writeNumberField("sessions_awake", node.users().awakeSessions());
            json.writeNumberField("messages_unflushed", node.users().unflushedMessages());
            json.writeObjectFieldStart("index");
            json.writeNumberField("bytes", node.indexes().bytes());
            json.writeNumberField("max_bytes", node.indexes().maxBytes());
            json.writeNumberField("released", node.indexes().released());
            json.writeEndObject();
            json.writeObjectFieldStart("query_cache");
            json.writeNumberField("exact", node.users().exactHits());
            json.writeNumberField("similar", node.users().similarHits());
            json.writeNumberField("miss", node.users().misses());
            json.writeEndObject();
            json.writeObjectFieldStart("flush");
            writeFlushes(json, node.flushes(), node.flushWorkers());
            json.writeEndObject();
            json.writeFieldName("embedding");
            writeEmbedding(json, node);
            json.writeFieldName("facts");
            writeFacts(json, node);
            json.writeObjectFieldStart("last_minute");
            write(json, metrics.lastMinute());
            json.writeEndObject();
            writeHeap(json);
            json.writeEndObject();
        }));
    }

    /** Fields of an object. */
    static void writeFlushes(JsonGenerator json, FlushCounters flushes, int workers) throws IOException {
        json.writeNumberField("workers", workers);
        json.writeNumberField("workers_busy", flushes.busyWorkers());
        json.writeNumberField("waiting", flushes.waiting());
        json.writeNumberField("waiting_messages", flushes.waitingMessages());
        json.writeNumberField("transactions", flushes.transactions());
        json.writeNumberField("messages", flushes.messages());
        json.writeNumberField("failures", flushes.failures());
        json.writeNumberField("failures_in_a_row", flushes.failuresInARow());
    }

    private static void writeEmbedding(JsonGenerator json, NodeState node) throws IOException {
        EmbeddingStats stats = node.embedding().get().orElse(null);
        if (stats == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeNumberField("queued_texts", stats.queuedTexts());
        json.writeNumberField("queued_queries", stats.queuedQueries());
        json.writeNumberField("embedded", stats.embedded());
        json.writeNumberField("shed", stats.shed());
        json.writeNumberField("failed", stats.failed());
        json.writeNumberField("queries", stats.queries());
        json.writeNumberField("query_cache_hits", stats.queryCacheHits());
        json.writeNumberField("text_cache_hits", stats.textCacheHits());
        json.writeNumberField("pending_units", stats.pendingUnits());
        json.writeEndObject();
    }

    private static void writeFacts(JsonGenerator json, NodeState node) throws IOException {
        FactState facts = node.facts().orElse(null);
        if (facts == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeNumberField("messages", facts.counters().messages());
        json.writeNumberField("stored", facts.counters().facts());
        json.writeNumberField("failures", facts.counters().failures());
        json.writeNumberField("passed_over", facts.counters().passedOver());
        ExtractionUsage model = facts.model().get();
        json.writeObjectFieldStart("model");
        json.writeNumberField("requests", model.requests());
        json.writeNumberField("retries", model.retries());
        json.writeNumberField("failures", model.failures());
        json.writeNumberField("input_tokens", model.inputTokens());
        json.writeNumberField("output_tokens", model.outputTokens());
        json.writeNumberField("discarded", model.discarded());
        json.writeNumberField("cost", model.cost());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** Fields of an object. */
    static void write(JsonGenerator json, Minute minute) throws IOException {
        json.writeNumberField("requests", minute.requests());
        json.writeNumberField("requests_per_second", rounded(minute.perSecond()));
        json.writeNumberField("failed", minute.failed());
        json.writeNumberField("p50_ms", rounded(minute.millisAt(50)));
        json.writeNumberField("p95_ms", rounded(minute.millisAt(95)));
        json.writeNumberField("p99_ms", rounded(minute.millisAt(99)));
    }

    /** Two fields of an object. */
    static void writeHeap(JsonGenerator json) throws IOException {
        Runtime runtime = Runtime.getRuntime();
        json.writeNumberField("heap_used_bytes", runtime.totalMemory() - runtime.freeMemory());
        json.writeNumberField("heap_max_bytes", runtime.maxMemory());
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }
}
