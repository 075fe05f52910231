package memfuse.cluster.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A server's data directory seen from outside: its PostgreSQL can be asked, stopped in its tracks and killed. */
record DataDirectory(Path path) {
    private static final Duration END_LIMIT = Duration.ofMinutes(1);
    private static final int PID_LINE = 0;
    private static final int PORT_LINE = 3;

    /** The PostgreSQL that runs here, by its own account of itself. */
    private record Postmaster(ProcessHandle process, int port) {}

    /** A connection to the PostgreSQL that runs here, with all rights. */
    Connection connect() throws SQLException, IOException {
        int port = postmaster()
                .orElseThrow(() -> new IOException("no PostgreSQL runs in " + path))
                .port();
        String password =
                Files.readString(path.resolve("postgres").resolve("password")).strip();
        return DriverManager.getConnection(jdbcUrl(port), "memfuse", password);
    }

    private static String jdbcUrl(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    boolean postgresRuns() {
        return postmaster().isPresent();
    }

    /** Stops every process of PostgreSQL where it stands, until {@link #thaw}; its sockets stay open. */
    void freeze() {
        signal("-STOP", family());
    }

    void thaw() {
        List<ProcessHandle> family = new ArrayList<>(family());
        signal("-CONT", family);
    }

    /** Kills PostgreSQL as {@code kill -9} does, and waits until no process of it is left. */
    void killPostgres() {
        List<ProcessHandle> family = family();
        family.forEach(ProcessHandle::destroyForcibly);
        Await.until(
                "all processes of PostgreSQL in " + path + " are gone",
                END_LIMIT,
                () -> family.stream().noneMatch(ProcessHandle::isAlive));
    }

    private List<ProcessHandle> family() {
        return postmaster()
                .map(server -> Stream.concat(
                                Stream.of(server.process()), server.process().descendants())
                        .toList())
                .orElseGet(List::of);
    }

    private Optional<Postmaster> postmaster() {
        try {
            Path file = path.resolve("postgres").resolve("cluster").resolve("postmaster.pid");
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(file);
            if (lines.size() <= PORT_LINE) {
                return Optional.empty();
            }
            int port = Integer.parseInt(lines.get(PORT_LINE).strip());
            return ProcessHandle.of(Long.parseLong(lines.get(PID_LINE).strip()))
                    .filter(this::isServer)
                    .map(process -> new Postmaster(process, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A process id left in a file may be somebody else's by now, and that may be another PostgreSQL. */
    private boolean isServer(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        if (Files.exists(commandLine)) {
            try {
                String cluster =
                        path.toRealPath().resolve("postgres").resolve("cluster").toString();
                return new String(Files.readAllBytes(commandLine), StandardCharsets.UTF_8).contains(cluster);
            } catch (IOException ended) {
                return false;
            }
        }
        return process.info()
                .command()
                .map(command -> command.contains("postgres"))
                .orElse(true);
    }

    private static void signal(String signal, List<ProcessHandle> processes) {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.forEach(process -> command.add(Long.toString(process.pid())));
        try {
            Process kill = new ProcessBuilder(command).inheritIO().start();
            kill.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Removes everything. */
    void delete() {
        if (!Files.exists(path)) {
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
