package memfuse.bench.load;

import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import memfuse.bench.cpu.CpuParts;
import memfuse.bench.cpu.CpuTimes;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Report;
import memfuse.bench.report.Table;
import memfuse.bench.report.Target;
import memfuse.bench.wire.ClosedLoop;

/** A round of appends and the round of bare inserts beside it. */
record AppendPair(AppendLoad.Round round, BareInserts.Outcome bare) {
    private static final double WANTED_RATIO = 0.6;

    private ClosedLoop.Outcome appends() {
        return round.outcome();
    }

    private double ratio() {
        return appends().perSecond() / bare.perSecond();
    }

    /** Puts all rounds into a report. */
    static void state(List<AppendPair> pairs, Report report) {
        List<Double> ratios = pairs.stream().map(AppendPair::ratio).toList();
        report.figure("appends to bare inserts", Statistics.median(ratios), "", Target.atLeast(WANTED_RATIO))
                .figure("the same, worst round", Statistics.least(ratios), "")
                .figure("the same, best round", Statistics.most(ratios), "")
                .figure("appends", median(pairs, pair -> pair.appends().perSecond()), "/s")
                .figure("bare inserts", median(pairs, pair -> pair.bare.perSecond()), "/s")
                .figure("processor time of a bare insert to an append's", costRatio(pairs), "")
                .figure("appends refused", sum(pairs, pair -> pair.appends().refused()), "")
                .table(table(pairs));
        CpuTimes cpu = cpu(pairs, pair -> pair.round.cpu());
        long accepted =
                pairs.stream().mapToLong(pair -> pair.appends().accepted()).sum();
        report.table(CpuParts.byThread("Processor time of an append, by thread", cpu, accepted));
        CpuTimes bareCpu = cpu(pairs, pair -> pair.bare.cpu());
        long inserted = pairs.stream().mapToLong(pair -> pair.bare.inserted()).sum();
        report.table(CpuParts.byThread("Processor time of a bare insert", bareCpu, inserted));
    }

    /** What the rates' ratio would be if both had all of the machine: it hears less of the machine's other work. */
    private static double costRatio(List<AppendPair> pairs) {
        return Statistics.median(pairs.stream()
                .map(pair -> pair.bare.cpu().micros(pair.bare.inserted())
                        / pair.round.cpu().micros(pair.appends().accepted()))
                .toList());
    }

    private static CpuTimes cpu(List<AppendPair> pairs, Function<AppendPair, CpuTimes> cpu) {
        return pairs.stream().map(cpu).reduce(CpuTimes::plus).orElseThrow();
    }

    private static Table table(List<AppendPair> pairs) {
        Table table = Table.of(
                "Rounds", "Appends/s", "p50 ms", "p99 ms", "Unflushed after", "Bare/s", "p50 ms", "p99 ms", "Ratio");
        for (AppendPair pair : pairs) {
            table = table.with(
                    Figure.number(Math.rint(pair.appends().perSecond())),
                    Figure.number(Statistics.millis(pair.appends().latencyMicros(), 50)),
                    Figure.number(Statistics.millis(pair.appends().latencyMicros(), 99)),
                    Long.toString(pair.round.unflushedRounds()),
                    Figure.number(Math.rint(pair.bare.perSecond())),
                    Figure.number(Statistics.millis(pair.bare.latencyMicros(), 50)),
                    Figure.number(Statistics.millis(pair.bare.latencyMicros(), 99)),
                    Figure.number(pair.ratio()));
        }
        return table;
    }

    private static double median(List<AppendPair> pairs, ToDoubleFunction<AppendPair> value) {
        return Statistics.median(pairs.stream().mapToDouble(value).boxed().toList());
    }

    private static double sum(List<AppendPair> pairs, ToDoubleFunction<AppendPair> value) {
        return pairs.stream().mapToDouble(value).sum();
    }

    @Override
    public String toString() {
        return "%,.0f appends/s, bare %,.0f/s, ratio %.2f, refused %d, unflushed %d"
                .formatted(
                        appends().perSecond(),
                        bare.perSecond(),
                        ratio(),
                        appends().refused(),
                        round.unflushedRounds());
    }
}
