package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells whether the process that a {@code postmaster.pid} names really is the server of that cluster directory. */
final class RunningServer {

    /** Between a server's own start time and the one its system gives its process. */
    private static final Duration START_TOLERANCE = Duration.ofSeconds(10);

    private static final Path PROCESSES = Path.of("/proc");

    private RunningServer() {}

    /** False as well for a process that has ended and only waits for its parent to notice. */
    static boolean isServerOf(Path cluster, PostmasterFile file, Platform platform) {
        if (platform.isLinux()) {
            return isServerOf(cluster, file, PROCESSES);
        }
        Optional<ProcessHandle> process = ProcessHandle.of(file.pid()).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return false;
        }
        ProcessHandle.Info info = process.get().info();
        boolean sameStart = info.startInstant()
                .map(start ->
                        Math.abs(start.getEpochSecond() - file.startEpochSeconds()) <= START_TOLERANCE.toSeconds())
                .orElse(true);
        return sameStart && info.command().map(RunningServer::isPostgres).orElse(false);
    }

    /** @param processes Linux's own directory of them */
    static boolean isServerOf(Path cluster, PostmasterFile file, Path processes) {
        List<String> commandLine = commandLine(processes.resolve(Long.toString(file.pid())));
        return isPostgres(commandLine.get(0)) && commandLine.contains(cluster.toString());
    }

    private static boolean isPostgres(String command) {
        String name = command.toLowerCase(Locale.ROOT);
        return name.endsWith("postgres") || name.endsWith("postgres.exe");
    }

    /**
     * World-readable, unlike the link to the program's file, and empty for a process that has ended. A process that
     * lives and cannot be looked at, for want of an open file say, must not be taken for a dead one: it would be replaced.
     */
    private static List<String> commandLine(Path process) {
        try {
            byte[] words = Files.readAllBytes(process.resolve("cmdline"));
            return List.of(new String(words, StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            if (Files.notExists(process)) {
                return List.of("");
            }
            throw new EmbeddedPostgresException(
                    FAILED, "cannot look at process " + process.getFileName() + ": " + e, e);
        }
    }
}
