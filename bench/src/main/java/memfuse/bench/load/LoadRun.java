package memfuse.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.stream.Stream;
import memfuse.bench.report.Machine;
import memfuse.bench.report.Report;
import memfuse.bench.server.Launch;
import memfuse.bench.server.MemFuseServer;
import memfuse.bench.server.ServerDatabase;

/** One run from its beginning to its report: the servers it starts, and a directory of its own that goes with it. */
final class LoadRun implements AutoCloseable {
    private static final int MISSED = 1;

    private final RunOptions options;
    private final Launch launch;
    private final Report report;
    private final Path directory;

    /** The machine is looked at before there is any load of ours. */
    LoadRun(RunOptions options, String question, String commandLine) throws IOException {
        this.options = options;
        this.launch = options.launch();
        launch.requireJar();
        report = new Report(question)
                .from("command", commandLine)
                .from("build", launch.build())
                .from("machine", Machine.current().toString());
        directory = newDirectory();
    }

    Launch launch() {
        return launch;
    }

    /** The answer to be. */
    Report report() {
        return report;
    }

    /** Starts a server on a data directory of the run, made when it is new. */
    MemFuseServer startServer(String dataDirectory, Map<String, String> settings)
            throws IOException, InterruptedException {
        return MemFuseServer.start(launch, directory.resolve(dataDirectory), settings);
    }

    /** The server's database; the report says which PostgreSQL that is. */
    ServerDatabase database(MemFuseServer server) throws IOException, SQLException {
        ServerDatabase database = ServerDatabase.of(server);
        report.from("PostgreSQL", database.version());
        return database;
    }

    /** A file of the run. */
    Path file(String name) {
        return directory.resolve(name);
    }

    /** Tells how far the run is. */
    void say(String progress) {
        System.err.println(progress);
    }

    /** Prints the answer; the exit status says whether all targets are reached. */
    int finish() throws IOException {
        System.out.println(report.markdown());
        if (options.json() != null) {
            Files.writeString(
                    options.json(),
                    report.json() + "\n",
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
        return report.isGood() ? 0 : MISSED;
    }

    @Override
    public void close() throws IOException {
        if (options.keep()) {
            say("kept: " + directory);
            return;
        }
        try (Stream<Path> tree = Files.walk(directory)) {
            tree.sorted(Comparator.reverseOrder()).forEach(path -> {
                try {
                    Files.delete(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** Not readable by its owner alone, as temporary directories are: the database may run under another account. */
    private static Path newDirectory() throws IOException {
        byte[] random = new byte[6];
        new SecureRandom().nextBytes(random);
        String name = "memfuse-bench-" + HexFormat.of().formatHex(random);
        return Files.createDirectory(Path.of(System.getProperty("java.io.tmpdir"), name));
    }
}
