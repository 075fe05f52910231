package memfuse.bench.load;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import memfuse.bench.cpu.CodeShares;
import memfuse.bench.cpu.CpuParts;
import memfuse.bench.report.Target;
import memfuse.bench.server.Jcmd;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How many durable appends a second over HTTP, beside a bare JDBC loop that inserts and commits the same rows?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar append}
 *
 * <p>Rounds of the one and of the other follow each other in one run, in turns, on one PostgreSQL: what disturbs the
 * machine disturbs both. Between rounds the buffers are flushed and the journal is empty. No embedding.
 */
@Command(name = "append", description = "How many durable appends a second, beside a bare JDBC loop?")
final class AppendCommand implements Callable<Integer> {
    private static final long SEED = 1;
    private static final int TEXTS_OF_EACH = 256;

    @Mixin
    private RunOptions options = new RunOptions();

    @Option(names = "--rounds", defaultValue = "5", description = "Rounds of each (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "10", description = "Length of a round (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--warm-up",
            defaultValue = "30",
            description = "Seconds of appends before the first round (default: ${DEFAULT-VALUE}).")
    private int warmUpSeconds;

    @Option(names = "--connections", defaultValue = "64", description = "Of each (default: ${DEFAULT-VALUE}).")
    private int connections;

    @Option(
            names = "--profile",
            defaultValue = "10",
            description = "Seconds of a last round that finds the parts of the code; 0: none"
                    + " (default: ${DEFAULT-VALUE}).")
    private int profileSeconds;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        try (LoadRun run = new LoadRun(options, "Durable appends a second", Commands.line(spec));
                MemFuseServer server = run.startServer("data", Map.of("memfuse.embedding.model", "none"));
                ServerDatabase database = run.database(server);
                AppendLoad appends = new AppendLoad(server, database, connections, SEED);
                BareInserts bare = new BareInserts(server, database, connections, SEED, TEXTS_OF_EACH)) {
            run.say("warming up");
            appends.run(Duration.ofSeconds(warmUpSeconds));
            appends.settle();
            bare.run(Duration.ofSeconds(Math.max(1, warmUpSeconds / 2)));
            List<AppendPair> pairs = new ArrayList<>();
            for (int i = 1; i <= rounds; i++) {
                AppendPair pair = pair(appends, bare, i % 2 == 0);
                pairs.add(pair);
                run.say("round " + i + " of " + rounds + ": " + pair);
            }
            AppendPair.state(pairs, run.report());
            if (profileSeconds > 0) {
                profile(run, server, appends);
            }
            appends.settle();
            run.report().figure("acknowledged messages missing in M0", appends.missing(), "", Target.atMost(0));
            return run.finish();
        }
    }

    /** One round of each; the one and the other first in turns, so that drift harms neither. */
    private AppendPair pair(AppendLoad appends, BareInserts bare, boolean bareFirst) throws Exception {
        Duration length = Duration.ofSeconds(seconds);
        if (bareFirst) {
            BareInserts.Outcome inserted = bare.run(length);
            return new AppendPair(appendAndSettle(appends, length), inserted);
        }
        return new AppendPair(appendAndSettle(appends, length), bare.run(length));
    }

    private static AppendLoad.Round appendAndSettle(AppendLoad appends, Duration length) throws Exception {
        AppendLoad.Round round = appends.run(length);
        appends.settle();
        return round;
    }

    private void profile(LoadRun run, MemFuseServer server, AppendLoad appends) throws Exception {
        run.say("profiling");
        Path recording = run.file("append.jfr");
        Jcmd jcmd = server.jcmd();
        jcmd.ask("JFR.start", "name=append", "settings=profile");
        appends.run(Duration.ofSeconds(profileSeconds));
        AppendLoad.Round round = appends.run(Duration.ofSeconds(profileSeconds));
        jcmd.ask("JFR.stop", "name=append", "filename=" + recording);
        run.report()
                .table(CpuParts.byCode(
                        "Processor time of an append, by code (from samples)",
                        round.cpu(),
                        round.outcome().accepted(),
                        CodeShares.read(recording)));
    }
}
