package memfuse.bench.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import memfuse.bench.cpu.CpuTimes;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Report;
import memfuse.bench.report.Table;
import memfuse.bench.report.Target;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ScrapedMetrics;
import memfuse.bench.server.ServerDatabase;
import memfuse.bench.wire.ApiClient;
import memfuse.bench.wire.ArrivalLoop;
import memfuse.bench.wire.ClosedLoop;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What do clients meet while four times as much comes as the server can do, and how soon is it over?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar overload --server-cpus 0 --client-cpus 1}
 *
 * <p>Appends of one message to many users. The sustainable rate is a share of what a closed loop gets answered; the same
 * server then gets that rate, a multiple of it, and that rate again, whether it keeps up or not. Sending four times the
 * rate takes processor time that the server would have: with {@code --server-cpus} and {@code --client-cpus} the two do
 * not share any, and the rate is that of a server, its PostgreSQL included, on those.
 */
@Command(name = "overload", description = "What do clients meet at four times the sustainable rate?")
final class OverloadCommand implements Callable<Integer> {
    private static final long SEED = 5;
    private static final int TEXTS_OF_EACH = 32;
    private static final int CLOSED_CONNECTIONS = 64;
    private static final double MOST_LATENCY = 3;
    private static final double MOST_REFUSAL_MILLIS = 50;
    private static final double MOST_HEAP = 1.5;
    private static final double MOST_RECOVERY_SECONDS = 5;
    private static final double RECOVERED_LATENCY = 1.5;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(
            names = "--share",
            defaultValue = "0.7",
            description = "Of the closed loop's rate (default: ${DEFAULT-VALUE}).")
    private double share;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description = "The sustainable rate; 0: found (default: ${DEFAULT-VALUE}).")
    private double givenRate;

    @Option(names = "--times", defaultValue = "4", description = "The overload (default: ${DEFAULT-VALUE}).")
    private double times;

    @Option(names = "--seconds", defaultValue = "60", description = "Of each rate (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--warm-up", defaultValue = "30", description = "Seconds (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(names = "--recovery", defaultValue = "20", description = "Seconds after it (default: ${DEFAULT-VALUE}).")
    private int recoverySeconds;

    @Option(names = "--users", defaultValue = "512", description = "(default: ${DEFAULT-VALUE}).")
    private int users;

    @Option(names = "--connections", defaultValue = "2048", description = "(default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(names = "--client-cpus", paramLabel = "LIST", description = "Processors that send, as taskset takes them.")
    private @Nullable String clientCpus;

    @Spec
    private @Nullable CommandSpec spec;

    /** Appends of the warm-up that were acknowledged. */
    private long warmUpAccepted;

    private record Phase(ArrivalLoop.Outcome outcome, CpuTimes cpu) {
        double cores(double nanos) {
            return nanos / outcome.length().toNanos();
        }

        double p99() {
            return Statistics.millis(outcome.acceptedMicros(), 99);
        }
    }

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "Overload", Commands.line(spec));
                MemFuseServer server = run.startServer("data", Map.of("memfuse.embedding.model", "none"));
                ServerDatabase database = run.database(server)) {
            if (clientCpus != null) {
                Processors.keepTo(clientCpus);
            }
            Population population = Population.create(server.address(), "overload", users, 1);
            List<byte[]> requests = mixed(population.appendRequests(SEED, TEXTS_OF_EACH));
            run.say("warming up");
            ClosedLoop.Outcome unbounded = closedLoop(server.address(), population);
            double rate = givenRate > 0 ? givenRate : share * unbounded.perSecond();
            run.say("%.0f appends/s in the closed loop, sustainable: %.0f".formatted(unbounded.perSecond(), rate));
            long accepted = unbounded.accepted() + warmUpAccepted;
            try (ArrivalLoop loop = new ArrivalLoop(server.address(), connections, requests)) {
                Phase warm = phase(loop, server, database, rate, Math.max(1, warmUpSeconds / 2));
                Phase before = phase(loop, server, database, rate, seconds);
                run.say("sustainable rate: p99 %.1f ms, refused %d".formatted(before.p99(), before.outcome.refused()));
                double liveBefore = server.jcmd().liveHeapBytes();
                ScrapedMetrics countedBefore = metrics(server.address());
                HeapWatch heap = new HeapWatch(server.address());
                Phase over = phase(loop, server, database, times * rate, seconds);
                Phase after = phase(loop, server, database, rate, recoverySeconds);
                heap.close();
                run.say("overload: p99 %.1f ms, refused %d".formatted(over.p99(), over.outcome.refused()));
                Map<String, Double> reasons =
                        metrics(server.address()).countedSince(countedBefore, "memfuse_http_refusals_total");
                double liveAfter = server.jcmd().liveHeapBytes();
                for (Phase phase : List.of(warm, before, over, after)) {
                    accepted += phase.outcome.accepted();
                }
                state(run.report(), unbounded.perSecond(), rate, before, over, after);
                run.report()
                        .figure(
                                "heap, last third of the time to first",
                                heap.leastAtLast() / heap.leastAtFirst(),
                                "",
                                Target.atMost(MOST_HEAP))
                        .figure("heap in use after a collection, before", Math.rint(liveBefore / (1 << 20)), "MiB")
                        .figure("heap in use after a collection, after", Math.rint(liveAfter / (1 << 20)), "MiB");
                Table table = Table.of("Refusals by what they met, as the server counted them", "Reason", "Requests");
                for (Map.Entry<String, Double> reason : reasons.entrySet()) {
                    table = table.with("`" + reason.getKey() + "`", Figure.number(reason.getValue()));
                }
                run.report().table(table);
            }
            AppendLoad.settle(server, database);
            long stored = database.number("SELECT count(*) FROM messages");
            run.report()
                    .figure("acknowledged messages missing in M0", (double) (accepted - stored), "", Target.atMost(0));
            return run.finish();
        }
    }

    private ClosedLoop.Outcome closedLoop(InetSocketAddress address, Population population) throws Exception {
        List<List<byte[]>> requests = population.appendRequests(SEED + 1, TEXTS_OF_EACH).stream()
                .limit(CLOSED_CONNECTIONS)
                .toList();
        try (ClosedLoop loop = new ClosedLoop(address, requests)) {
            warmUpAccepted = loop.run(Duration.ofSeconds(warmUpSeconds)).accepted();
            return loop.run(Duration.ofSeconds(Math.max(2, warmUpSeconds / 3)));
        }
    }

    private static Phase phase(
            ArrivalLoop loop, MemFuseServer server, ServerDatabase database, double perSecond, int seconds)
            throws Exception {
        CpuTimes before = CpuTimes.now(server, database);
        ArrivalLoop.Outcome outcome = loop.run(perSecond, Duration.ofSeconds(seconds));
        return new Phase(outcome, CpuTimes.now(server, database).since(before));
    }

    private static ScrapedMetrics metrics(InetSocketAddress address) throws Exception {
        try (ApiClient api = ApiClient.open(address)) {
            return ScrapedMetrics.read(api.metrics());
        }
    }

    /** One request of each session, then the next of each. */
    private static List<byte[]> mixed(List<List<byte[]>> ofSessions) {
        List<byte[]> mixed = new ArrayList<>();
        for (int i = 0; i < TEXTS_OF_EACH; i++) {
            for (List<byte[]> ofOne : ofSessions) {
                mixed.add(ofOne.get(i));
            }
        }
        return mixed;
    }

    private void state(Report report, double closed, double rate, Phase before, Phase over, Phase after) {
        long all = over.outcome.accepted() + over.outcome.refused();
        report.figure("appends/s in the closed loop", Math.rint(closed), "")
                .figure("sustainable rate", Math.rint(rate), "appends/s")
                .figure(
                        "accepted p99 to that at the sustainable rate",
                        over.p99() / before.p99(),
                        "",
                        Target.atMost(MOST_LATENCY))
                .figure(
                        "refusal, p99",
                        Statistics.millis(over.outcome.refusedMicros(), 99),
                        "ms",
                        Target.atMost(MOST_REFUSAL_MILLIS))
                .figure("refusal, longest", Statistics.millis(over.outcome.refusedMicros(), 100), "ms")
                .figure("refused", 100.0 * over.outcome.refused() / all, "%")
                .figure(
                        "accepted to the sustainable rate",
                        over.outcome.accepted() / (rate * over.outcome.length().toSeconds()),
                        "")
                .figure("recovery", recovery(before, after), "s", Target.atMost(MOST_RECOVERY_SECONDS))
                .figure(
                        "answers but 201, 429 and 503",
                        (double) strange(before) + strange(over) + strange(after),
                        "",
                        Target.atMost(0));
        Table table = Table.of(
                "Rates",
                "",
                "Accepted/s",
                "p50, ms",
                "p99, ms",
                "Refused/s",
                "p50, ms",
                "p99, ms",
                "Sent late, p99, ms");
        table = row(table, "sustainable", before);
        table = row(table, Figure.number(times) + " times that", over);
        table = row(table, "sustainable again", after);
        report.table(table);
        Table cores = Table.of("Processors in use", "", "Server", "PostgreSQL", "Clients");
        cores = cores(cores, "sustainable", before);
        cores = cores(cores, Figure.number(times) + " times that", over);
        report.table(cores);
        report.table(bySecond(over));
    }

    /** Where a tail comes from: the beginning, when more than usual is in work, or all of the time. */
    private Table bySecond(Phase phase) {
        Table table = Table.of(
                "Seconds of " + Figure.number(times) + " times the rate",
                "",
                "Accepted",
                "p50, ms",
                "p99, ms",
                "Refused");
        List<ArrivalLoop.Slice> slices = phase.outcome.slices();
        for (int i = 0; i < slices.size(); i++) {
            ArrivalLoop.Slice slice = slices.get(i);
            table = table.with(
                    Integer.toString(i),
                    Figure.number((double) slice.acceptedMicros().getTotalCount()),
                    Figure.number(Statistics.millis(slice.acceptedMicros(), 50)),
                    Figure.number(Statistics.millis(slice.acceptedMicros(), 99)),
                    Figure.number((double) slice.refused()));
        }
        return table;
    }

    private static Table row(Table table, String name, Phase phase) {
        double length = phase.outcome.length().toNanos() / 1e9;
        return table.with(
                name,
                Figure.number(Math.rint(phase.outcome.accepted() / length)),
                Figure.number(Statistics.millis(phase.outcome.acceptedMicros(), 50)),
                Figure.number(phase.p99()),
                Figure.number(Math.rint(phase.outcome.refused() / length)),
                Figure.number(Statistics.millis(phase.outcome.refusedMicros(), 50)),
                Figure.number(Statistics.millis(phase.outcome.refusedMicros(), 99)),
                Figure.number(Statistics.millis(phase.outcome.sentLateMicros(), 99)));
    }

    private static Table cores(Table table, String name, Phase phase) {
        return table.with(
                name,
                Figure.number(phase.cores((double) phase.cpu.server().total().toNanos())),
                Figure.number(
                        phase.cores((double) phase.cpu.postgresTotal().total().toNanos())),
                Figure.number(phase.cores((double) phase.cpu.client().total().toNanos())));
    }

    private static long strange(Phase phase) {
        return phase.outcome.byStatus().entrySet().stream()
                .filter(status -> status.getKey() != 201 && status.getKey() != 429 && status.getKey() != 503)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** Seconds until one in which nothing was refused and latencies were about what they had been. */
    private static double recovery(Phase before, Phase after) {
        double wanted = RECOVERED_LATENCY * before.p99();
        List<ArrivalLoop.Slice> slices = after.outcome.slices();
        for (int i = 0; i < slices.size(); i++) {
            ArrivalLoop.Slice slice = slices.get(i);
            if (slice.refused() == 0 && Statistics.millis(slice.acceptedMicros(), 99) <= wanted) {
                return i;
            }
        }
        return slices.size();
    }
}
