package memfuse.bench.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Table;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.wire.ApiClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How many resident bytes does a session cost that has a message and nothing to do: while it is awake, when it has gone
 * idle, and when its user has?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar idle}
 *
 * <p>Bytes of the heap are those of objects in use after a full collection, over those of the same server before it knew
 * of any session; so a session's share of its user's index and vectors is in them. The times to idleness are shortened.
 */
@Command(name = "idle", description = "How many resident bytes does an idle session cost?")
final class IdleCommand implements Callable<Integer> {
    private static final int BIGGEST_CLASSES = 12;
    private static final Duration SESSION_IDLE = Duration.ofSeconds(60);
    private static final Duration USER_IDLE = Duration.ofSeconds(60);

    /** Going idle is looked at now and then, and takes a little. */
    private static final Duration MARGIN = Duration.ofSeconds(45);

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--users", defaultValue = "1000", description = "(default: ${DEFAULT-VALUE}).")
    private int users;

    @Option(names = "--sessions", defaultValue = "10", description = "Of each user (default: ${DEFAULT-VALUE}).")
    private int sessionsOfEach;

    @Option(
            names = "--model",
            defaultValue = "none",
            description = "The embedding model; its vectors are part of the index (default: ${DEFAULT-VALUE}).")
    private String model = "";

    @Spec
    private @Nullable CommandSpec spec;

    private record Memory(long heapBytes, long residentBytes) {}

    @Override
    public Integer call() throws Exception {
        Map<String, String> settings = Map.of(
                "memfuse.embedding.model", model,
                "memfuse.session.idle-timeout", SESSION_IDLE.toSeconds() + "s",
                "memfuse.user.idle-timeout", USER_IDLE.toSeconds() + "s");
        try (LoadRun run = new LoadRun(options, "Resident bytes of an idle session", Commands.line(spec));
                MemFuseServer server = run.startServer("data", settings)) {
            run.database(server).close();
            warmUp(server);
            Thread.sleep(USER_IDLE.plus(SESSION_IDLE).plus(MARGIN).toMillis());
            Memory before = memory(server);
            run.say("before: " + before);
            Population population = Population.create(server.address(), "idle", users, sessionsOfEach);
            write(server, population);
            Memory awake = memory(server);
            run.say("awake: " + awake);
            List<String> classes = server.jcmd().histogram();
            Thread.sleep(SESSION_IDLE.plus(MARGIN).toMillis());
            Memory idle = memory(server);
            run.say("idle: " + idle);
            Thread.sleep(USER_IDLE.plus(MARGIN).toMillis());
            Memory gone = memory(server);
            run.say("users idle: " + gone);
            long sessions = population.sessions().size();
            run.report()
                    .figure("sessions", (double) sessions, "")
                    .figure("heap of a session that is awake", each(awake, before, sessions), "bytes")
                    .figure("heap of a session that has gone idle", each(idle, before, sessions), "bytes")
                    .figure("heap of a session whose user has gone idle", each(gone, before, sessions), "bytes")
                    .table(Table.of("The server", "State", "Heap in use, MiB", "Resident, MiB")
                            .with("no sessions", mebibytes(before.heapBytes), mebibytes(before.residentBytes))
                            .with("sessions awake", mebibytes(awake.heapBytes), mebibytes(awake.residentBytes))
                            .with("sessions idle", mebibytes(idle.heapBytes), mebibytes(idle.residentBytes))
                            .with("users idle", mebibytes(gone.heapBytes), mebibytes(gone.residentBytes)))
                    .table(biggest(classes));
            return run.finish();
        }
    }

    /** So that the code and its caches are not taken for sessions. */
    private static void warmUp(MemFuseServer server) throws Exception {
        write(server, Population.create(server.address(), "warm-up", 50, 4));
    }

    private static void write(MemFuseServer server, Population population) throws Exception {
        ChatTexts texts = new ChatTexts(1);
        try (ApiClient api = ApiClient.open(server.address())) {
            for (Population.Member member : population.sessions()) {
                api.append(member.sessionId(), texts.next());
            }
            api.flush();
        }
    }

    private static Memory memory(MemFuseServer server) throws IOException, InterruptedException {
        long heap = server.jcmd().liveHeapBytes();
        return new Memory(heap, residentBytes(server.pid()));
    }

    /** Bytes of a process that are in memory. */
    static long residentBytes(long pid) throws IOException {
        String line = Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(status -> status.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
    }

    private static double each(Memory now, Memory before, long sessions) {
        return Math.rint((now.heapBytes - before.heapBytes) / (double) sessions);
    }

    private static Table biggest(List<String> histogram) {
        Table table = Table.of("Biggest classes while awake", "Class", "Objects", "Bytes");
        List<String[]> lines = histogram.stream()
                .map(line -> line.split("\\s+"))
                .filter(cells -> cells.length >= 4 && cells[0].endsWith(":"))
                .limit(BIGGEST_CLASSES)
                .toList();
        for (String[] cells : lines) {
            table = table.with("`" + cells[3] + "`", cells[1], cells[2]);
        }
        return table;
    }

    private static String mebibytes(long bytes) {
        return Figure.number(Math.rint(bytes / (double) (1 << 20)));
    }
}
