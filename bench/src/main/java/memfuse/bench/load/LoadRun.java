package memfuse.bench.load;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import memfuse.bench.report.Machine;
import memfuse.bench.report.Report;
import memfuse.bench.server.Launch;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;

/** One run from its beginning to its report: the servers it starts, and a directory of its own that goes with it. */
public final class LoadRun implements AutoCloseable {
    private final RunOptions options;
    private final Launch launch;
    private final Report report;
    private final RunDirectory directory;

    /** The machine is looked at before there is any load of ours. */
    public LoadRun(RunOptions options, String question, String commandLine) throws IOException {
        this.options = options;
        this.launch = options.launch();
        launch.requireJar();
        report = new Report(question)
                .from("command", commandLine)
                .from("build", launch.build())
                .from("machine", Machine.current().toString());
        directory = RunDirectory.create(options.keep());
    }

    Launch launch() {
        return launch;
    }

    /** The answer to be. */
    public Report report() {
        return report;
    }

    /** Starts a server on a data directory of the run, made when it is new. */
    public MemFuseServer startServer(String dataDirectory, Map<String, String> settings)
            throws IOException, InterruptedException {
        return MemFuseServer.start(launch, directory.file(dataDirectory), settings);
    }

    /**
     * Starts a node of a cluster on a data directory that others use as well.
     *
     * @param name of its log
     * @param jvmArguments beside those of the options
     */
    MemFuseServer startNode(String dataDirectory, String name, List<String> jvmArguments, Map<String, String> settings)
            throws IOException, InterruptedException {
        return MemFuseServer.start(
                launch.withJvmArguments(jvmArguments),
                directory.file(dataDirectory),
                directory.file(name + ".log"),
                settings);
    }

    /** The server's database; the report says which PostgreSQL that is. */
    public ServerDatabase database(MemFuseServer server) throws IOException, SQLException {
        ServerDatabase database = ServerDatabase.of(server);
        report.from("PostgreSQL", database.version());
        return database;
    }

    /** A file of the run. */
    Path file(String name) {
        return directory.file(name);
    }

    /** Tells how far the run is. */
    public void say(String progress) {
        System.err.println(progress);
    }

    /** Prints the answer; the exit status says whether all targets are reached. */
    public int finish() throws IOException {
        return options.output().write(report);
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}
