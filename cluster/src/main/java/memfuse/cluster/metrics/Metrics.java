package memfuse.cluster.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.layers.FactCounters;
import memfuse.actors.user.UserCounters;
import memfuse.persistence.database.PoolState;
import memfuse.protocol.facts.ExtractionUsage;

/** The metrics of one node, as Prometheus reads them. Safe for all threads. */
public final class Metrics implements AutoCloseable {
    private static final Duration[] LATENCIES = {
        Duration.ofMillis(1),
        Duration.ofNanos(2_500_000),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final RecentRequests recent;

    private final Map<RefusalReason, Counter> refusals = new EnumMap<>(RefusalReason.class);

    /** Timers by route and status. */
    private final Map<String, Map<Integer, Timer>> requests = new ConcurrentHashMap<>();

    /** @param nanoTime the time that passes, as {@link System#nanoTime()} */
    public Metrics(NodeState node, LongSupplier nanoTime) {
        recent = new RecentRequests(nanoTime);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        for (RefusalReason reason : RefusalReason.values()) {
            refusals.put(reason, refusals(reason));
        }
        bindUsers(node);
        bindFlushes(node.flushes(), node.flushWorkers());
        if (node.embedding().get().isPresent()) {
            bindEmbedding(() -> node.embedding().get().orElseThrow());
        }
        node.facts().ifPresent(this::bindFacts);
    }

    private Counter refusals(RefusalReason reason) {
        return Counter.builder("memfuse.http.refusals")
                .description("Requests answered with 429 or 503, by what they met")
                .tag("reason", reason.label())
                .register(registry);
    }

    private void bindUsers(NodeState node) {
        gauge(
                "memfuse.users.awake",
                "Users whose actors run",
                node,
                state -> state.activeUsers().count());
        gauge(
                "memfuse.sessions.awake",
                "Sessions whose actors run",
                node,
                state -> state.users().awakeSessions());
        gauge(
                "memfuse.messages.unflushed",
                "Messages in the journal that M0 does not have yet",
                node,
                state -> state.users().unflushedMessages());
        gauge(
                "memfuse.index.bytes",
                "Heap that the indexes of users take",
                node,
                state -> state.indexes().bytes());
        counter(
                "memfuse.index.released",
                "Indexes given up for those of other users",
                node,
                state -> state.indexes().released());
        queries("exact", node, UserCounters::exactHits);
        queries("similar", node, UserCounters::similarHits);
        queries("miss", node, UserCounters::misses);
    }

    private void queries(String answeredFromCache, NodeState node, ToLongFunction<UserCounters> count) {
        FunctionCounter.builder("memfuse.query.cache", node, state -> count.applyAsLong(state.users()))
                .description("Queries by how the cache of answers knew them")
                .tag("kind", answeredFromCache)
                .register(registry);
    }

    private void bindFlushes(FlushCounters flushes, int workers) {
        gauge("memfuse.flush.waiting", "Flushes that wait for a worker", flushes, FlushCounters::waiting);
        gauge("memfuse.flush.waiting.messages", "Messages in them", flushes, FlushCounters::waitingMessages);
        gauge("memfuse.flush.workers.busy", "Flush workers that write", flushes, FlushCounters::busyWorkers);
        gauge("memfuse.flush.workers", "Flush workers", flushes, all -> workers);
        counter("memfuse.flush.transactions", "Transactions stored", flushes, FlushCounters::transactions);
        counter("memfuse.flush.failures", "Transactions that failed", flushes, FlushCounters::failures);
        counter("memfuse.flush.messages", "Messages stored", flushes, FlushCounters::messages);
        counter("memfuse.flush.seconds", "Time of stored transactions", flushes, all -> all.writingNanos() / 1e9);
    }

    private void bindEmbedding(Supplier<EmbeddingStats> stats) {
        gauge(
                "memfuse.embedding.queued",
                "Texts that wait",
                stats,
                all -> all.get().queuedTexts());
        gauge(
                "memfuse.embedding.queued.queries",
                "Queries that wait",
                stats,
                all -> all.get().queuedQueries());
        gauge(
                "memfuse.embedding.pending",
                "Units in the store that wait for an embedding",
                stats,
                all -> all.get().pendingUnits());
        counter(
                "memfuse.embedding.texts",
                "Texts embedded",
                stats,
                all -> all.get().embedded());
        counter(
                "memfuse.embedding.shed",
                "Texts left for later: the queue was full",
                stats,
                all -> all.get().shed());
        counter(
                "memfuse.embedding.failures",
                "Texts and queries the model failed on",
                stats,
                all -> all.get().failed());
        counter(
                "memfuse.embedding.queries",
                "Queries embedded",
                stats,
                all -> all.get().queries());
        counter(
                "memfuse.embedding.queries.refused",
                "Queries answered by words: too many waited",
                stats,
                all -> all.get().refusedQueries());
        counter(
                "memfuse.embedding.query.cache.hits",
                "Queries whose vector was there",
                stats,
                all -> all.get().queryCacheHits());
        counter(
                "memfuse.embedding.text.cache.hits",
                "Texts of messages whose vector was there",
                stats,
                all -> all.get().textCacheHits());
        counter(
                "memfuse.embedding.cpu.seconds",
                "Processor time",
                stats,
                all -> (all.get().ingestCpuNanos() + all.get().queryCpuNanos()) / 1e9);
    }

    private void bindFacts(FactState facts) {
        FactCounters counters = facts.counters();
        counter("memfuse.facts.messages", "Messages whose facts are stored", counters, FactCounters::messages);
        counter("memfuse.facts.stored", "Facts stored", counters, FactCounters::facts);
        counter("memfuse.facts.failures", "Extractions and stores that failed", counters, FactCounters::failures);
        counter("memfuse.facts.passed.over", "Messages without facts to be had", counters, FactCounters::passedOver);
        Supplier<ExtractionUsage> model = facts.model();
        counter(
                "memfuse.facts.model.requests",
                "Requests to the model",
                model,
                all -> all.get().requests());
        counter(
                "memfuse.facts.model.retries",
                "Requests sent again",
                model,
                all -> all.get().retries());
        counter(
                "memfuse.facts.model.input.tokens",
                "Tokens the model was sent",
                model,
                all -> all.get().inputTokens());
        counter(
                "memfuse.facts.model.output.tokens",
                "Tokens it answered",
                model,
                all -> all.get().outputTokens());
        counter(
                "memfuse.facts.model.cost",
                "Cost of them, at the prices of the settings",
                model,
                all -> all.get().cost());
    }

    /** Tells how the layers' connections to the database are used. */
    public void bindDatabase(Supplier<PoolState> pool) {
        gauge(
                "memfuse.database.connections.busy",
                "Connections of the layers at work",
                pool,
                now -> now.get().busy());
        gauge(
                "memfuse.database.connections.waiting",
                "Threads that wait for one",
                pool,
                now -> now.get().waiting());
        counter(
                "memfuse.database.connections.refused",
                "Times that none was to be had in time",
                pool,
                now -> now.get().refused());
    }

    /** Tells how many requests, and bytes of their bodies, are in work. */
    public <T> void bindRequestsInWork(T bounds, ToDoubleFunction<T> inWork, ToDoubleFunction<T> bytes) {
        gauge("memfuse.http.requests.in.work", "Requests in work", bounds, inWork);
        gauge("memfuse.http.body.bytes.in.work", "Bytes of their bodies", bounds, bytes);
    }

    private <T> void gauge(String name, String about, T of, ToDoubleFunction<T> value) {
        Gauge.builder(name, of, value).description(about).strongReference(true).register(registry);
    }

    private <T> void counter(String name, String about, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(about).register(registry);
    }

    /**
     * A request was answered.
     *
     * @param route the method and the pattern of its path
     */
    public void answered(String method, String route, int status, long tookNanos) {
        recent.add(status, tookNanos);
        requests.computeIfAbsent(method + " " + route, absent -> new ConcurrentHashMap<>())
                .computeIfAbsent(status, absent -> timer(method, route, status))
                .record(Duration.ofNanos(tookNanos));
    }

    /** A request was refused, for now. */
    public void refused(RefusalReason reason) {
        Objects.requireNonNull(refusals.get(reason)).increment();
    }

    private Timer timer(String method, String route, int status) {
        return Timer.builder("memfuse.http.requests")
                .description("Requests answered, and how long they took")
                .tags("method", method, "route", route, "status", Integer.toString(status))
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    /** The requests of the last minute. */
    public RecentRequests.Minute lastMinute() {
        return recent.lastMinute();
    }

    /** All metrics in Prometheus' text format, 0.0.4. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
