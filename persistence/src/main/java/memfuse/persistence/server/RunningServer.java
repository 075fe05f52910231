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

    private RunningServer() {}

    /** False as well for a process that has ended and only waits for its parent to notice. */
    static boolean isServerOf(Path cluster, PostmasterFile file, Platform platform) {
        Optional<ProcessHandle> process = ProcessHandle.of(file.pid()).filter(ProcessHandle::isAlive);
        if (process.isEmpty()) {
            return false;
        }
        if (platform.isLinux()) {
            List<String> commandLine = linuxCommandLine(process.get());
            return !commandLine.isEmpty() && isPostgres(commandLine.get(0)) && commandLine.contains(cluster.toString());
        }
        ProcessHandle.Info info = process.get().info();
        boolean sameStart = info.startInstant()
                .map(start ->
                        Math.abs(start.getEpochSecond() - file.startEpochSeconds()) <= START_TOLERANCE.toSeconds())
                .orElse(true);
        return sameStart && info.command().map(RunningServer::isPostgres).orElse(false);
    }

    private static boolean isPostgres(String command) {
        String name = command.toLowerCase(Locale.ROOT);
        return name.endsWith("postgres") || name.endsWith("postgres.exe");
    }

    /**
     * World-readable, unlike the link to the program's file, and empty for a process that has ended. A process that
     * lives and cannot be looked at must not be taken for a dead one.
     */
    private static List<String> linuxCommandLine(ProcessHandle process) {
        Path file = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            return List.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\0", -1));
        } catch (IOException e) {
            if (process.isAlive()) {
                throw new EmbeddedPostgresException(FAILED, "cannot look at process " + process.pid() + ": " + e, e);
            }
            return List.of();
        }
    }
}
