package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A PostgreSQL of this machine's own packages, which come with {@code pg_dump} and {@code pg_restore}; the embedded one
 * does not. Everybody on this machine may use it: it is gone with the test.
 */
final class InstalledPostgres implements AutoCloseable {
    private static final Path PACKAGES = Path.of("/usr/lib/postgresql");
    private static final String USER = "memfuse";

    private final Path binaries;
    private final Path directory;
    private final int port;

    private InstalledPostgres(Path binaries, Path directory, int port) {
        this.binaries = binaries;
        this.directory = directory;
        this.port = port;
    }

    /** Starts a new, empty one; a test on a machine without PostgreSQL's packages is skipped. */
    static InstalledPostgres start() throws IOException {
        List<Path> found = binaries();
        assumeTrue(!found.isEmpty(), "no PostgreSQL with pg_dump is installed below " + PACKAGES);
        Path directory = Files.createTempDirectory("memfuse-postgres");
        InstalledPostgres postgres = new InstalledPostgres(found.get(0), directory, freePort());
        if (isRoot()) {
            postgres.run(List.of("chown", "postgres", directory.toString()));
        }
        postgres.tool("initdb", "-D", postgres.cluster(), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync");
        String options = "-c listen_addresses=127.0.0.1 -c fsync=off -p " + postgres.port + " -k " + directory;
        postgres.tool("pg_ctl", "start", "-w", "-D", postgres.cluster(), "-o", options, "-l", directory + "/log");
        return postgres;
    }

    /** The newest version first. */
    private static List<Path> binaries() throws IOException {
        if (!Files.isDirectory(PACKAGES)) {
            return List.of();
        }
        try (Stream<Path> versions = Files.list(PACKAGES)) {
            return versions.filter(version -> version.getFileName().toString().matches("[0-9]+"))
                    .sorted(Comparator.comparing((Path version) ->
                                    Integer.valueOf(version.getFileName().toString()))
                            .reversed())
                    .map(version -> version.resolve("bin"))
                    .filter(bin -> Stream.of("initdb", "pg_ctl", "pg_dump", "pg_restore", "createdb")
                            .allMatch(tool -> Files.isExecutable(bin.resolve(tool))))
                    .toList();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket any = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return any.getLocalPort();
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private String cluster() {
        return directory.resolve("cluster").toString();
    }

    /** A file beside the database, which its programs may write. */
    String file(String name) {
        return directory.resolve(name).toString();
    }

    /** The launch of a server that keeps its data in one of the databases here. */
    Launch usedBy(Launch launch, String database) {
        return launch.withEnvironment("MEMFUSE_JDBC_URL", "jdbc:postgresql://127.0.0.1:" + port + "/" + database)
                .withEnvironment("MEMFUSE_JDBC_USER", USER)
                .withEnvironment("MEMFUSE_JDBC_PASSWORD", "not asked for");
    }

    /** Runs one of PostgreSQL's programs against this server; it must succeed. */
    void tool(String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(isRoot() ? List.of("runuser", "-u", "postgres", "--") : List.of());
        command.add(binaries.resolve(name).toString());
        command.addAll(List.of(arguments));
        run(command);
    }

    /** The output goes to a file, because a server that is started keeps what it was given open. */
    private void run(List<String> command) throws IOException {
        Path output = Files.createTempFile("memfuse-postgres", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().putAll(Map.of("PGHOST", "127.0.0.1", "PGPORT", "" + port, "PGUSER", USER));
            int status = builder.start().waitFor();
            assertThat(status)
                    .as("%s: %s", command, Files.readString(output, StandardCharsets.UTF_8))
                    .isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }

    @Override
    public void close() throws IOException {
        tool("pg_ctl", "stop", "-m", "immediate", "-D", cluster());
        new DataDirectory(directory).delete();
    }
}
