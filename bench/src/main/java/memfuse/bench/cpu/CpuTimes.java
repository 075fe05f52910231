package memfuse.bench.cpu;

import java.io.IOException;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;

/**
 * Processor time of all that takes part in a run: of this process, of PostgreSQL by what its processes are for, and of
 * the server by its threads. Either since the beginning, or between two looks.
 *
 * @param server the whole JVM, threads that have ended included
 * @param threads of the JVM, by pool
 * @param postgres by client or kind of process
 */
public record CpuTimes(CpuTime client, CpuTime server, Map<String, CpuTime> threads, Map<String, CpuTime> postgres) {

    /** Until now. */
    public static CpuTimes now(MemFuseServer server, ServerDatabase database)
            throws IOException, SQLException, InterruptedException {
        return new CpuTimes(
                ProcStat.ofProcess(ProcessHandle.current().pid()).time(),
                ProcStat.ofProcess(server.pid()).time(),
                threads(server),
                postgres(database));
    }

    /** Between an earlier look and this one. */
    public CpuTimes since(CpuTimes earlier) {
        return new CpuTimes(
                client.minus(earlier.client),
                server.minus(earlier.server),
                since(threads, earlier.threads),
                since(postgres, earlier.postgres));
    }

    /** Of this and another interval together. */
    public CpuTimes plus(CpuTimes other) {
        return new CpuTimes(
                client.plus(other.client),
                server.plus(other.server),
                sum(threads, other.threads),
                sum(postgres, other.postgres));
    }

    /** Microseconds of everything for each of so many operations. */
    public double micros(long operations) {
        return (double) total().total().toNanos() / 1000 / operations;
    }

    /** Of everything. */
    public CpuTime total() {
        return client.plus(server).plus(postgresTotal());
    }

    public CpuTime postgresTotal() {
        return total(postgres.values());
    }

    /** Of the threads whose pool's name begins so. */
    public CpuTime threadsNamed(String prefix) {
        return total(threads.entrySet().stream()
                .filter(pool -> pool.getKey().startsWith(prefix))
                .map(Map.Entry::getValue)
                .toList());
    }

    static CpuTime total(Collection<CpuTime> times) {
        return times.stream().reduce(CpuTime.NONE, CpuTime::plus);
    }

    private static Map<String, CpuTime> threads(MemFuseServer server) throws IOException, InterruptedException {
        Map<String, CpuTime> times = new TreeMap<>();
        Map<Long, String> names = JvmThreads.namesById(server.jcmd().ask("Thread.print"));
        for (Map.Entry<Long, String> thread : names.entrySet()) {
            CpuTime time = ProcStat.ofThread(server.pid(), thread.getKey()).time();
            times.merge(JvmThreads.pool(thread.getValue()), time, CpuTime::plus);
        }
        return times;
    }

    private static Map<String, CpuTime> postgres(ServerDatabase database) throws IOException, SQLException {
        Map<String, CpuTime> times = new TreeMap<>();
        for (Map.Entry<Long, String> process : database.processes().entrySet()) {
            CpuTime time = ProcStat.ofProcess(process.getKey()).time();
            times.merge(process.getValue(), time, CpuTime::plus);
        }
        ProcStat postmaster = ProcStat.ofProcess(database.postmasterPid());
        times.put("postmaster", postmaster.time());
        times.put("processes that have ended", postmaster.endedChildren());
        return times;
    }

    private static Map<String, CpuTime> since(Map<String, CpuTime> later, Map<String, CpuTime> earlier) {
        Map<String, CpuTime> difference = new TreeMap<>();
        later.forEach((name, time) -> difference.put(name, time.minus(earlier.getOrDefault(name, CpuTime.NONE))));
        return difference;
    }

    private static Map<String, CpuTime> sum(Map<String, CpuTime> some, Map<String, CpuTime> others) {
        Map<String, CpuTime> sum = new TreeMap<>(some);
        others.forEach((name, time) -> sum.merge(name, time, CpuTime::plus));
        return sum;
    }
}
