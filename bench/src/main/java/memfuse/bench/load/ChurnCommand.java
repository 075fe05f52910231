package memfuse.bench.load;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import memfuse.bench.report.Figure;
import memfuse.bench.report.Table;
import memfuse.bench.report.Target;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;
import memfuse.bench.wire.ApiClient;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Does a cluster grow that has many sessions which come and go, and what does a session take of it?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar churn}
 *
 * <p>Three nodes on one PostgreSQL. Every session gets a message; from then on sessions are written to, read and asked at
 * random, so that some are always idle and leave the memory, and others come back. What grows with the messages by
 * design, the users' indexes, is told apart. Heaps are those of objects in use after a full collection.
 */
@Command(name = "churn", description = "Do three nodes grow while many sessions come and go?")
final class ChurnCommand implements Callable<Integer> {
    private static final int NODES = 3;
    private static final int MAKERS = 6;
    private static final int OLDEST_PART = 3;
    private static final double MOST_GROWTH = 1.1;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--sessions", defaultValue = "100000", description = "(default: ${DEFAULT-VALUE}).")
    private int sessions;

    @Option(names = "--users", defaultValue = "10000", description = "(default: ${DEFAULT-VALUE}).")
    private int users;

    @Option(names = "--minutes", defaultValue = "15", description = "Of churn (default: ${DEFAULT-VALUE}).")
    private double minutes;

    @Option(names = "--rate", defaultValue = "300", description = "Requests a second (default: ${DEFAULT-VALUE}).")
    private int perSecond;

    @Option(names = "--clients", defaultValue = "12", description = "Connections (default: ${DEFAULT-VALUE}).")
    private int clients;

    @Option(names = "--samples", defaultValue = "15", description = "Looks at the heaps (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(names = "--heap", defaultValue = "1g", description = "Of each node (default: ${DEFAULT-VALUE}).")
    private String heap = "";

    @Option(names = "--model", defaultValue = "none", description = "The embedding model (default: ${DEFAULT-VALUE}).")
    private String model = "";

    @Option(
            names = "--session-idle",
            defaultValue = "2m",
            description = "After which a session leaves the memory (default: ${DEFAULT-VALUE}).")
    private String sessionIdle = "";

    @Option(
            names = "--user-idle",
            defaultValue = "5m",
            description = "After which a user leaves the memory (default: ${DEFAULT-VALUE}).")
    private String userIdle = "";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "Sessions that come and go", Commands.line(spec));
                NodeGroup nodes = NodeGroup.start(run, NODES, List.of("-Xmx" + heap), settings());
                ServerDatabase database = run.database(nodes.host())) {
            run.say("making " + sessions + " sessions");
            nodes.warmUp();
            NodeGroup.Memory empty = nodes.memory();
            List<Population.Member> members = make(nodes);
            fill(run, nodes, members);
            NodeGroup.Memory filled = nodes.memory();
            run.say("filled: " + filled);
            List<NodeGroup.Memory> looks = new ArrayList<>();
            SessionChurn.Tally tally;
            try (SessionChurn churn = new SessionChurn(nodes.servers(), members, clients, perSecond)) {
                for (int i = 1; i <= samples; i++) {
                    churn.goOn(Duration.ofMillis(Math.round(minutes * 60_000 / samples)));
                    looks.add(nodes.memory());
                    run.say("look " + i + " of " + samples + ": " + looks.get(i - 1));
                }
                tally = churn.tally();
            }
            AppendLoad.settle(nodes.host(), database);
            long stored = database.number("SELECT count(*) FROM messages WHERE session_id IN"
                    + " (SELECT id FROM sessions WHERE user_id IN (SELECT id FROM users WHERE name LIKE 'churn-%'))");
            state(run, empty, filled, looks);
            run.report()
                    .figure("requests", (double) tally.requests(), "")
                    .figure("refused with 429 or 503", (double) tally.refused(), "")
                    .figure("other answers than success", (double) tally.errors(), "", Target.atMost(0))
                    .figure(
                            "acknowledged messages missing in M0",
                            (double) (members.size() + tally.appended() - stored),
                            "",
                            Target.atMost(0));
            return run.finish();
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("memfuse.embedding.model", model);
        settings.put("memfuse.session.idle-timeout", sessionIdle);
        settings.put("memfuse.user.idle-timeout", userIdle);
        return settings;
    }

    private List<Population.Member> make(NodeGroup nodes) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(MAKERS);
        try {
            List<Future<Population>> parts = new ArrayList<>();
            for (int i = 0; i < MAKERS; i++) {
                int part = users / MAKERS + (i < users % MAKERS ? 1 : 0);
                String name = "churn-" + i;
                MemFuseServer node = nodes.servers().get(i % NODES);
                parts.add(threads.submit(() ->
                        Population.create(node.address(), name, part, Math.max(1, sessions / Math.max(1, users)))));
            }
            List<Population.Member> all = new ArrayList<>();
            for (Future<Population> part : parts) {
                all.addAll(part.get().sessions());
            }
            return all;
        } finally {
            threads.shutdownNow();
        }
    }

    /** A message for each session. */
    private static void fill(LoadRun run, NodeGroup nodes, List<Population.Member> members) throws Exception {
        run.say("writing to each");
        ExecutorService threads = Executors.newFixedThreadPool(MAKERS);
        try {
            List<Future<Boolean>> parts = new ArrayList<>();
            for (int i = 0; i < MAKERS; i++) {
                int first = i;
                MemFuseServer node = nodes.servers().get(i % NODES);
                parts.add(threads.submit(() -> {
                    ChatTexts texts = new ChatTexts(first);
                    try (ApiClient api = ApiClient.open(node.address())) {
                        for (int j = first; j < members.size(); j += MAKERS) {
                            api.append(members.get(j).sessionId(), texts.next());
                        }
                    }
                    return true;
                }));
            }
            for (Future<Boolean> part : parts) {
                part.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void state(LoadRun run, NodeGroup.Memory empty, NodeGroup.Memory filled, List<NodeGroup.Memory> looks)
            throws IOException {
        double growth =
                third(looks, 2, NodeGroup.Memory::withoutIndexes) / third(looks, 1, NodeGroup.Memory::withoutIndexes);
        NodeGroup.Memory last = looks.get(looks.size() - 1);
        run.report()
                .figure("sessions", sessions, "")
                .figure(
                        "heap without indexes, last third of the time to the one before",
                        growth,
                        "",
                        Target.atMost(MOST_GROWTH))
                .figure(
                        "resident memory, last third of the time to the one before",
                        third(looks, 2, NodeGroup.Memory::residentBytes)
                                / third(looks, 1, NodeGroup.Memory::residentBytes),
                        "")
                .figure("slope of the heaps, after the first third", Math.rint(slope(looks) / 1024), "KiB a minute")
                .figure(
                        "heap of a session that is awake, after the fill",
                        Math.rint((filled.heapBytes() - empty.heapBytes()) / Math.max(1, filled.awakeSessions())),
                        "bytes")
                .figure(
                        "heap of a session, awake or not, in the end",
                        Math.rint((last.heapBytes() - empty.heapBytes()) / sessions),
                        "bytes")
                .figure(
                        "resident memory of a session, awake or not, in the end",
                        Math.rint((last.residentBytes() - empty.residentBytes()) / sessions),
                        "bytes");
        Table table = Table.of(
                "The three nodes together",
                "Minute",
                "Heap, MiB",
                "Indexes, MiB",
                "Resident, MiB",
                "Sessions awake",
                "Users awake");
        table = row(table, "no sessions", empty);
        table = row(table, "filled", filled);
        for (int i = 0; i < looks.size(); i++) {
            table = row(table, Figure.number(minutes * (i + 1) / looks.size()), looks.get(i));
        }
        run.report().table(table);
    }

    private static Table row(Table table, String when, NodeGroup.Memory memory) {
        return table.with(
                when,
                Figure.number(Math.rint(memory.heapBytes() / (1 << 20))),
                Figure.number(Math.rint(memory.indexBytes() / (1 << 20))),
                Figure.number(Math.rint(memory.residentBytes() / (1 << 20))),
                Figure.number(memory.awakeSessions()),
                Figure.number(memory.awakeUsers()));
    }

    /** The mean of a third of the looks. */
    private static double third(List<NodeGroup.Memory> looks, int third, ToDoubleFunction<NodeGroup.Memory> measure) {
        int from = looks.size() * third / OLDEST_PART;
        int to = Math.max(from + 1, looks.size() * (third + 1) / OLDEST_PART);
        return looks.subList(Math.min(from, looks.size() - 1), Math.min(to, looks.size())).stream()
                .mapToDouble(measure)
                .average()
                .orElseThrow();
    }

    /** Bytes a minute by which the heaps without indexes grow, by least squares, the first third left out. */
    private double slope(List<NodeGroup.Memory> looks) {
        List<NodeGroup.Memory> used = looks.subList(looks.size() / OLDEST_PART, looks.size());
        double meanX = (used.size() - 1) / 2.0;
        double meanY = used.stream()
                .mapToDouble(NodeGroup.Memory::withoutIndexes)
                .average()
                .orElseThrow();
        double above = 0;
        double below = 0;
        for (int i = 0; i < used.size(); i++) {
            above += (i - meanX) * (used.get(i).withoutIndexes() - meanY);
            below += (i - meanX) * (i - meanX);
        }
        return below == 0 ? 0 : above / below * looks.size() / minutes;
    }
}
