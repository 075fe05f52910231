package memfuse.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
 * How long from the start of the process to the first answer: the first start ever, with an empty data directory, and
 * later ones?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar start}
 *
 * <p>With the default model. The later starts find a database with some messages, stopped in the ordinary way.
 */
@Command(name = "start", description = "How long from the start of the process to its first answer?")
final class StartCommand implements Callable<Integer> {
    private static final double LONGEST_FIRST_SECONDS = 20;
    private static final double LONGEST_LATER_SECONDS = 8;
    private static final int USERS = 10;
    private static final int MESSAGES_OF_EACH = 200;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--rounds", defaultValue = "5", description = "Starts of each kind (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "Start to ready", Commands.line(spec))) {
            List<Double> first = new ArrayList<>();
            for (int i = 1; i <= rounds; i++) {
                first.add(start(run, "data-" + i, i == rounds));
                run.say("first start %d: %.1f s".formatted(i, first.get(i - 1)));
            }
            List<Double> later = new ArrayList<>();
            for (int i = 1; i <= rounds; i++) {
                later.add(start(run, "data-" + rounds, false));
                run.say("later start %d: %.1f s".formatted(i, later.get(i - 1)));
            }
            run.report()
                    .figure("first start", Statistics.median(first), "s", Target.below(LONGEST_FIRST_SECONDS))
                    .figure("the slowest of them", Statistics.most(first), "s")
                    .figure("later start", Statistics.median(later), "s", Target.below(LONGEST_LATER_SECONDS))
                    .figure("the slowest of them", Statistics.most(later), "s");
            return run.finish();
        }
    }

    /** Seconds until the server has answered; it is stopped again, with some messages in it where asked for. */
    private static double start(LoadRun run, String dataDirectory, boolean fill) throws Exception {
        long start = System.nanoTime();
        try (MemFuseServer server = run.startServer(dataDirectory, Map.of())) {
            try (ApiClient api = ApiClient.open(server.address())) {
                api.health();
            }
            Duration ready = Duration.ofNanos(System.nanoTime() - start);
            if (fill) {
                fill(server);
                try (ServerDatabase database = run.database(server)) {
                    run.say(database.number("SELECT count(*) FROM messages") + " messages are stored");
                }
            }
            return ready.toMillis() / 1000.0;
        }
    }

    private static void fill(MemFuseServer server) throws Exception {
        Population population = Population.create(server.address(), "start", USERS, 1);
        ChatTexts texts = new ChatTexts(1);
        try (ApiClient api = ApiClient.open(server.address())) {
            for (Population.Member member : population.sessions()) {
                for (int i = 0; i < MESSAGES_OF_EACH; i++) {
                    api.append(member.sessionId(), texts.next());
                }
            }
            api.flush();
        }
    }
}
