package memfuse.bench.load;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import memfuse.bench.report.Report;
import memfuse.bench.report.Target;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.wire.ApiClient;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Is a message found by its own words on the first query that is sent after its 201, and how long after the 201 is the
 * answer there?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar visible}
 *
 * <p>Each client has a user of its own with a history, and writes and asks in turns; the clients run side by side. The
 * question is the second half of the message, which the rest of the history shares its words with. With the default
 * model.
 */
@Command(name = "visible", description = "Is a message found on the first query after its 201, and when?")
final class VisibleCommand implements Callable<Integer> {
    private static final int TOP_K = 5;
    private static final int HISTORY = 100;
    private static final int WARM_UP = 50;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--messages", defaultValue = "500", description = "Of each client (default: ${DEFAULT-VALUE}).")
    private int messages;

    @Option(names = "--clients", defaultValue = "8", description = "(default: ${DEFAULT-VALUE}).")
    private int clients;

    @Spec
    private @Nullable CommandSpec spec;

    private record Found(Histogram latencyMicros, long missed) {}

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "From the 201 to being found", Commands.line(spec));
                MemFuseServer server = run.startServer("data", Map.of())) {
            run.database(server).close();
            run.say("one client");
            state(run.report(), "one client", run(server, "one", 1));
            run.say(clients + " clients");
            state(run.report(), clients + " clients", run(server, "many", clients));
            return run.finish();
        }
    }

    private static void state(Report report, String who, Found found) {
        report.figure(who + ": messages", (double) found.latencyMicros.getTotalCount(), "")
                .figure(who + ": not found by the first query", (double) found.missed, "", Target.atMost(0))
                .figure(who + ": 201 to found, median", Statistics.millis(found.latencyMicros, 50), "ms")
                .figure(who + ": 201 to found, p99", Statistics.millis(found.latencyMicros, 99), "ms")
                .figure(who + ": 201 to found, longest", Statistics.millis(found.latencyMicros, 100), "ms");
    }

    private Found run(MemFuseServer server, String name, int count) throws Exception {
        Population population = Population.create(server.address(), name, count, 1);
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Future<Found>> futures = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                Population.Member member = population.sessions().get(i);
                long seed = i;
                futures.add(threads.submit(() -> writeAndAsk(server, member, new ChatTexts(seed))));
            }
            Histogram all = new Histogram(3);
            long missed = 0;
            for (Future<Found> future : futures) {
                all.add(future.get().latencyMicros);
                missed += future.get().missed;
            }
            return new Found(all, missed);
        } finally {
            threads.shutdownNow();
        }
    }

    private Found writeAndAsk(MemFuseServer server, Population.Member member, ChatTexts texts) throws Exception {
        Histogram latencyMicros = new Histogram(3);
        long missed = 0;
        try (ApiClient api = ApiClient.open(server.address())) {
            for (int i = 0; i < HISTORY; i++) {
                api.append(member.sessionId(), texts.next());
            }
            for (int i = 0; i < WARM_UP + messages; i++) {
                String text = texts.next();
                String id = api.append(member.sessionId(), text);
                long acknowledged = System.nanoTime();
                JsonNode hits = api.query(member.userId(), text.substring(text.length() / 2), TOP_K);
                long answered = System.nanoTime();
                if (i >= WARM_UP) {
                    latencyMicros.recordValue(
                            Duration.ofNanos(answered - acknowledged).toNanos() / 1000);
                    missed += isAmong(hits, id) ? 0 : 1;
                }
            }
        }
        return new Found(latencyMicros, missed);
    }

    private static boolean isAmong(JsonNode hits, String id) {
        for (JsonNode hit : hits) {
            if (hit.path("id").asText().equals(id)) {
                return true;
            }
        }
        return false;
    }
}
