package memfuse.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import memfuse.bench.cpu.CpuParts;
import memfuse.bench.cpu.CpuTimes;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Table;
import memfuse.bench.report.Target;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Are appends acknowledged as fast with the default model as without one, while the texts that wait to be embedded pile
 * up? And what does a text cost then, beside a bare ONNX session?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar append-embedding}
 *
 * <p>Each round is a server of its own on an empty database, one without and one with the model in turns, as fast as the
 * server answers. After the last round with the model the load ends, and what waits is worked off for a while.
 */
@Command(
        name = "append-embedding",
        description = "Are appends as fast with embedding, and what does a text cost beside a bare ONNX session?")
final class AppendEmbeddingCommand implements Callable<Integer> {
    private static final long SEED = 2;
    private static final String MODEL = "all-minilm-l6-v2-q";
    private static final double WANTED_RATE = 0.9;
    private static final double WANTED_LATENCY = 1.1;
    private static final double WANTED_COST = 1.5;
    private static final int BARE_TEXTS = 1500;
    private static final Duration WORK_OFF_LIMIT = Duration.ofMinutes(10);
    private static final int POLL_MILLIS = 250;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--rounds", defaultValue = "3", description = "Rounds of each (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "Length of a round (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "30",
            description = "Seconds before each round (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(names = "--connections", defaultValue = "64", description = "(default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--work-off",
            defaultValue = "10000",
            description = "Texts that are worked off after the load (default: ${DEFAULT-VALUE}).")
    private int workOffTexts;

    @Spec
    private @Nullable CommandSpec spec;

    /** What working off cost. */
    private record WorkedOff(long texts, CpuTimes cpu) {
        double micros(ToDoubleFunction<CpuTimes> nanos) {
            return nanos.applyAsDouble(cpu) / 1e3 / texts;
        }
    }

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "Appends while embedding", Commands.line(spec))) {
            List<AppendLoad.Round> without = new ArrayList<>();
            List<AppendLoad.Round> with = new ArrayList<>();
            WorkedOff workedOff = null;
            for (int i = 1; i <= rounds; i++) {
                without.add(without(run, i));
                run.say("round " + i + " without a model: " + text(without.get(i - 1)));
                try (MemFuseServer server = run.startServer("with-" + i, Map.of("memfuse.embedding.model", MODEL));
                        ServerDatabase database = run.database(server);
                        AppendLoad appends = new AppendLoad(server, database, connections, SEED)) {
                    appends.run(Duration.ofSeconds(warmUpSeconds));
                    with.add(appends.run(Duration.ofSeconds(seconds)));
                    run.say("round " + i + " with the model: " + text(with.get(i - 1)));
                    if (i == rounds) {
                        workedOff = workOff(run, server, database, appends);
                    }
                }
            }
            state(run, without, with);
            if (workedOff != null) {
                state(run, workedOff);
            }
            return run.finish();
        }
    }

    private AppendLoad.Round without(LoadRun run, int round) throws Exception {
        try (MemFuseServer server = run.startServer("without-" + round, Map.of("memfuse.embedding.model", "none"));
                ServerDatabase database = run.database(server);
                AppendLoad appends = new AppendLoad(server, database, connections, SEED)) {
            appends.run(Duration.ofSeconds(warmUpSeconds));
            return appends.run(Duration.ofSeconds(seconds));
        }
    }

    /** What the texts that wait cost, from when all is flushed until so many are done. */
    private WorkedOff workOff(LoadRun run, MemFuseServer server, ServerDatabase database, AppendLoad appends)
            throws Exception {
        appends.settle();
        long waiting = database.pendingUnits();
        long goal = Math.max(0, waiting - workOffTexts);
        run.say(waiting + " texts wait, working off " + (waiting - goal));
        CpuTimes before = CpuTimes.now(server, database);
        long deadline = System.nanoTime() + WORK_OFF_LIMIT.toNanos();
        long left = waiting;
        while (left > goal && System.nanoTime() - deadline < 0) {
            Thread.sleep(POLL_MILLIS);
            left = database.pendingUnits();
        }
        return new WorkedOff(waiting - left, CpuTimes.now(server, database).since(before));
    }

    private static void state(LoadRun run, List<AppendLoad.Round> without, List<AppendLoad.Round> with) {
        Map<String, ToDoubleFunction<AppendLoad.Round>> measures = new TreeMap<>();
        measures.put("appends/s", round -> round.outcome().perSecond());
        measures.put("p50, ms", round -> Statistics.millis(round.outcome().latencyMicros(), 50));
        measures.put("p99, ms", round -> Statistics.millis(round.outcome().latencyMicros(), 99));
        Table table = Table.of("Medians of the rounds", "", "No model", "With the model", "Ratio");
        for (Map.Entry<String, ToDoubleFunction<AppendLoad.Round>> measure : measures.entrySet()) {
            double bare = median(without, measure.getValue());
            double embedding = median(with, measure.getValue());
            boolean rate = measure.getKey().equals("appends/s");
            run.report()
                    .figure(
                            measure.getKey() + " with the model to none",
                            embedding / bare,
                            "",
                            rate ? Target.atLeast(WANTED_RATE) : Target.atMost(WANTED_LATENCY));
            table = table.with(
                    measure.getKey(), Figure.number(bare), Figure.number(embedding), Figure.number(embedding / bare));
        }
        run.report().table(table);
        run.report()
                .table(cpu("Processor time of an append without a model", without))
                .table(cpu("Processor time of an append with the model", with));
    }

    private static Table cpu(String title, List<AppendLoad.Round> rounds) {
        CpuTimes cpu = rounds.stream()
                .map(AppendLoad.Round::cpu)
                .reduce(CpuTimes::plus)
                .orElseThrow();
        long accepted =
                rounds.stream().mapToLong(round -> round.outcome().accepted()).sum();
        return CpuParts.byThread(title, cpu, accepted);
    }

    private static void state(LoadRun run, WorkedOff workedOff) throws Exception {
        run.say("bare session");
        Map<Integer, Double> bare = BareEmbeddingCommand.inOwnProcess(
                run.launch().javaHome(), run.file("").toAbsolutePath(), BARE_TEXTS);
        double best = Statistics.least(bare.values());
        double embedding = workedOff.micros(
                cpu -> cpu.threadsNamed("memfuse-embed").total().toNanos());
        double all = workedOff.micros(
                cpu -> cpu.server().plus(cpu.postgresTotal()).total().toNanos());
        run.report()
                .figure("texts worked off after the load", (double) workedOff.texts, "")
                .figure(
                        "their cost to a bare session's, embedding threads",
                        embedding / best,
                        "",
                        Target.atMost(WANTED_COST))
                .figure(
                        "their cost to a bare session's, server and PostgreSQL",
                        all / best,
                        "",
                        Target.atMost(WANTED_COST))
                .figure("a text in the server's embedding threads", embedding, "µs")
                .figure("a text in the server and PostgreSQL", all, "µs");
        Table table = Table.of("A bare ONNX session", "Texts in a batch", "µs a text");
        for (Map.Entry<Integer, Double> batch : bare.entrySet()) {
            table = table.with(batch.getKey().toString(), Figure.number(batch.getValue()));
        }
        run.report().table(table);
    }

    private static double median(List<AppendLoad.Round> rounds, ToDoubleFunction<AppendLoad.Round> measure) {
        return Statistics.median(rounds.stream().mapToDouble(measure).boxed().toList());
    }

    private static String text(AppendLoad.Round round) {
        Histogram latency = round.outcome().latencyMicros();
        return "%,.0f appends/s, p50 %.1f ms, p99 %.1f ms, refused %d"
                .formatted(
                        round.outcome().perSecond(),
                        Statistics.millis(latency, 50),
                        Statistics.millis(latency, 99),
                        round.outcome().refused());
    }
}
