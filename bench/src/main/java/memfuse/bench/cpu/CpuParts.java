package memfuse.bench.cpu;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Table;

/** Processor time per operation, by part of the system, as a table: the whole of a process first, then its parts. */
public final class CpuParts {
    private static final double SMALLEST_SHARE = 0.005;

    private final long operations;
    private final Duration everything;
    private Table table;

    private CpuParts(String title, long operations, Duration everything) {
        this.operations = operations;
        this.everything = everything;
        table = Table.of(title, "Part", "µs each", "of them in the kernel", "Share");
    }

    /** The server by its threads. */
    public static Table byThread(String title, CpuTimes times, long operations) {
        return byPart(title, times, operations, threadParts(times));
    }

    /** The server by its code; threads that no sample was taken of by what they do. */
    public static Table byCode(String title, CpuTimes times, long operations, CodeShares shares) {
        return byPart(title, times, operations, shares.parts(times));
    }

    private static Table byPart(String title, CpuTimes times, long operations, Map<String, CpuTime> serverParts) {
        Duration everything = times.total().total();
        CpuParts parts = new CpuParts(title, operations, everything);
        parts.row("everything", times.total());
        parts.row("client", times.client());
        parts.row("server", times.server());
        parts.rows("server: ", serverParts);
        parts.row("PostgreSQL", times.postgresTotal());
        parts.rows("PostgreSQL: ", times.postgres());
        return parts.table;
    }

    static Map<String, CpuTime> threadParts(CpuTimes times) {
        Map<String, CpuTime> parts = new TreeMap<>();
        times.threads().forEach((pool, time) -> parts.merge(ThreadPools.purpose(pool), time, CpuTime::plus));
        parts.merge("threads that have ended", ended(times), CpuTime::plus);
        return parts;
    }

    static CpuTime ended(CpuTimes times) {
        return times.server().minus(CpuTimes.total(times.threads().values()));
    }

    private void rows(String prefix, Map<String, CpuTime> parts) {
        List<Map.Entry<String, CpuTime>> biggestFirst = parts.entrySet().stream()
                .filter(part -> part.getValue().total().toNanos() > SMALLEST_SHARE * everything.toNanos())
                .sorted(Map.Entry.comparingByValue(
                        Comparator.comparing(CpuTime::total).reversed()))
                .toList();
        biggestFirst.forEach(part -> row(prefix + part.getKey(), part.getValue()));
    }

    private void row(String name, CpuTime time) {
        table = table.with(
                name,
                micros(time.total()),
                micros(time.kernel()),
                Figure.number(Math.round(1000.0 * time.total().toNanos() / everything.toNanos()) / 10.0) + " %");
    }

    private String micros(Duration time) {
        return Figure.number(Math.round(time.toNanos() / 1e2 / operations) / 10.0);
    }
}
