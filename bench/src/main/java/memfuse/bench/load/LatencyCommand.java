package memfuse.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Report;
import memfuse.bench.report.Table;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.wire.ApiClient;
import memfuse.bench.wire.OpenLoop;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How long do clients wait for an append and for a query while the server has a moderate load of both?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar latency}
 *
 * <p>The rates are given and kept: a request that has to wait for its turn counts from when it was to be sent. With the
 * default model, which embeds the appended messages meanwhile.
 */
@Command(name = "latency", description = "How long do clients wait for an append and a query at moderate load?")
final class LatencyCommand implements Callable<Integer> {
    private static final int USERS = 64;
    private static final int HISTORY = 200;
    private static final int TOP_K = 5;
    private static final int TEXTS = 4096;
    private static final double[] PERCENTILES = {50, 90, 99, 99.9, 100};
    private static final Duration WARM_UP = Duration.ofSeconds(20);

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--appends", defaultValue = "200", description = "A second (default: ${DEFAULT-VALUE}).")
    private int appendsPerSecond;

    @Option(names = "--queries", defaultValue = "50", description = "A second (default: ${DEFAULT-VALUE}).")
    private int queriesPerSecond;

    @Option(names = "--seconds", defaultValue = "60", description = "(default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--connections", defaultValue = "16", description = "Of each kind (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--model",
            defaultValue = "all-minilm-l6-v2-q",
            description = "The embedding model (default: ${DEFAULT-VALUE}).")
    private String model = "";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        Map<String, String> settings = Map.of("memfuse.embedding.model", model);
        try (LoadRun run = new LoadRun(options, "Latency at moderate load", Commands.line(spec));
                MemFuseServer server = run.startServer("data", settings)) {
            run.database(server).close();
            run.say("writing a history");
            List<Population.Member> members =
                    Population.create(server.address(), "latency", USERS, 1).sessions();
            ChatTexts texts = new ChatTexts(1);
            write(server, members, texts);
            List<byte[]> appends = new ArrayList<>();
            List<byte[]> queries = new ArrayList<>();
            for (int i = 0; i < TEXTS; i++) {
                Population.Member member = members.get(i % members.size());
                appends.add(ApiClient.appendRequest(member.sessionId(), texts.next()));
                String text = texts.next();
                queries.add(ApiClient.queryRequest(member.userId(), text.substring(0, text.length() / 3), TOP_K));
            }
            run.say("warming up");
            both(server, WARM_UP, appends, queries);
            run.say("measuring");
            List<OpenLoop.Outcome> outcomes = both(server, Duration.ofSeconds(seconds), appends, queries);
            state(run.report(), outcomes.get(0), outcomes.get(1));
            return run.finish();
        }
    }

    private static void write(MemFuseServer server, List<Population.Member> members, ChatTexts texts) throws Exception {
        try (ApiClient api = ApiClient.open(server.address())) {
            for (int i = 0; i < HISTORY; i++) {
                for (Population.Member member : members) {
                    api.append(member.sessionId(), texts.next());
                }
            }
            api.flush();
        }
    }

    /** What appends and queries met that were sent side by side. */
    private List<OpenLoop.Outcome> both(
            MemFuseServer server, Duration duration, List<byte[]> appends, List<byte[]> queries) throws Exception {
        CompletableFuture<OpenLoop.Outcome> appended = CompletableFuture.supplyAsync(
                () -> send(server, appendsPerSecond, duration, appends), task -> new Thread(task).start());
        OpenLoop.Outcome asked = send(server, queriesPerSecond, duration, queries);
        return List.of(appended.get(), asked);
    }

    private OpenLoop.Outcome send(MemFuseServer server, int perSecond, Duration duration, List<byte[]> requests) {
        try {
            return new OpenLoop(server.address(), connections)
                    .run(
                            perSecond,
                            duration,
                            (connection, number) ->
                                    requests.get((connection + number * connections) % requests.size()));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void state(Report report, OpenLoop.Outcome appends, OpenLoop.Outcome queries) {
        report.figure("appends a second", appendsPerSecond, "")
                .figure("queries a second", queriesPerSecond, "")
                .figure("append, median", Statistics.millis(appends.latencyMicros(), 50), "ms")
                .figure("append, p99", Statistics.millis(appends.latencyMicros(), 99), "ms")
                .figure("query, median", Statistics.millis(queries.latencyMicros(), 50), "ms")
                .figure("query, p99", Statistics.millis(queries.latencyMicros(), 99), "ms")
                .figure("appends refused", (double) appends.refused(), "")
                .figure("queries refused", (double) queries.refused(), "");
        Table table = Table.of("Distribution, ms", "Percentile", "Append", "Query");
        for (double percentile : PERCENTILES) {
            table = table.with(
                    percentile == 100 ? "longest" : Figure.number(percentile),
                    millis(appends.latencyMicros(), percentile),
                    millis(queries.latencyMicros(), percentile));
        }
        report.table(table);
    }

    private static String millis(Histogram micros, double percentile) {
        return Figure.number(Statistics.millis(micros, percentile));
    }
}
