package memfuse.cluster;

import java.lang.management.ManagementFactory;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import memfuse.actors.embedding.EmbeddingException;
import memfuse.cluster.http.HttpBindException;
import memfuse.cluster.membership.ClusterStartException;
import memfuse.cluster.settings.BuildInfo;
import memfuse.cluster.settings.CommandLine;
import memfuse.cluster.settings.LoadedSettings;
import memfuse.cluster.settings.SettingsException;
import memfuse.persistence.database.DatabaseException;
import memfuse.persistence.server.EmbeddedPostgresException;

/** The entry point: reads the command line and the settings, and starts the server. */
public final class Main {
    /** Whether the process was told to stop. */
    private static volatile boolean stopping;

    private Main() {}

    public static void main(String[] arguments) {
        sizeCommonPool();
        try {
            CommandLine commandLine = CommandLine.parse(arguments);
            if (commandLine instanceof CommandLine.Say say) {
                System.out.println(say.text());
            } else if (commandLine instanceof CommandLine.Start start) {
                LoadedSettings loaded = LoadedSettings.load(start, System.getenv(), System.getProperties());
                System.setProperty("memfuse.log-level", loaded.settings().logLevel());
                serve(loaded);
            }
        } catch (SettingsException
                | EmbeddedPostgresException
                | DatabaseException
                | EmbeddingException
                | ClusterStartException
                | HttpBindException refused) {
            System.err.println("memfuse: " + refused.getMessage());
            System.exit(1);
        } catch (RuntimeException | Error unexpected) {
            if (stopping) {
                System.err.println("memfuse: stopped before the start was over");
            } else {
                unexpected.printStackTrace();
            }
            System.exit(1);
        }
    }

    /** Serves until the process is told to stop, or the node cannot go on. */
    private static void serve(LoadedSettings loaded) {
        CompletableFuture<Server> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started), "memfuse-stop"));
        try {
            started.complete(Server.start(loaded, () -> stopping));
        } catch (RuntimeException | Error e) {
            started.completeExceptionally(e);
            throw e;
        }
        Server server = started.join();
        System.out.printf(
                Locale.ROOT,
                "MemFuse %s is ready: http://%s:%d/api/v1, data in %s, started in %.1f s%n",
                BuildInfo.read().version(),
                server.address().getHostString(),
                server.address().getPort(),
                loaded.settings().dataDir(),
                ManagementFactory.getRuntimeMXBean().getUptime() / 1000.0);
        server.whenTerminated().toCompletableFuture().join();
        System.exit(1); // reached only when the node ended by itself: during a stop this waits for the stop
    }

    /** Stops the server; one that is still starting first comes to the end of that, so that nothing is left behind. */
    private static void stop(CompletableFuture<Server> started) {
        stopping = true;
        started.handle((server, failure) -> server == null ? Optional.<Server>empty() : Optional.of(server))
                .join()
                .ifPresent(Server::close);
    }

    /**
     * The common pool has a thread less than there are processors. With a single one, each continuation of an ask
     * starts a thread of its own; so it gets two at least, before anybody touches it.
     */
    private static void sizeCommonPool() {
        String parallelism = "java.util.concurrent.ForkJoinPool.common.parallelism";
        if (System.getProperty(parallelism) == null) {
            System.setProperty(
                    parallelism, String.valueOf(Math.max(2, Runtime.getRuntime().availableProcessors())));
        }
    }
}
