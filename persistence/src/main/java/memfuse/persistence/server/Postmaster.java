package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, finds and stops the server process of one cluster directory.
 *
 * <p>The server is started by {@code pg_ctl}, which puts it into a session of its own (a Ctrl-C at the terminal is this
 * process's to handle) and notices when it fails; that it is ready is seen in {@code postmaster.pid}, which is sooner
 * than {@code pg_ctl} looks.
 */
final class Postmaster {

    private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);
    private static final int PORT_ATTEMPTS = 10;
    private static final int POLL_MILLIS = 5;
    private static final int LINGERING_POLL_MILLIS = 100;
    private static final Duration LINGERING_LIMIT = Duration.ofSeconds(30);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final List<String> PORT_TAKEN =
            List.of("Address already in use", "could not bind", "could not create any TCP/IP sockets");

    private final Path cluster;
    private final ServerTools tools;
    private final ServerLog log;
    private final Platform platform;
    private final Map<String, String> parameters;

    Postmaster(Path cluster, ServerTools tools, ServerLog log, Platform platform, Map<String, String> parameters) {
        this.cluster = cluster;
        this.tools = tools;
        this.log = log;
        this.platform = platform;
        this.parameters = parameters;
    }

    /** The server that a process which ended without stopping it left running, if there is one. */
    Optional<PostmasterFile> findOrphan() throws IOException {
        return PostmasterFile.read(cluster).filter(this::isRunning);
    }

    boolean isRunning(PostmasterFile server) {
        return RunningServer.isServerOf(cluster, server, platform);
    }

    /** Whether a running server was started from these binaries with these parameters, whatever its port. */
    boolean isAsWeWouldStart(PostmasterFile running) throws IOException {
        String started = Files.readString(cluster.resolve("postmaster.opts")).strip();
        StringBuilder wanted =
                new StringBuilder(tools.distribution().executable("postgres").toString());
        wanted.append(" \"-D\" \"").append(cluster).append('"');
        ServerParameters.arguments(running.port(), parameters)
                .forEach(argument -> wanted.append(" \"").append(argument).append('"'));
        return started.contentEquals(wanted);
    }

    /** Waits until a running server accepts connections; empty when it ends instead, or does not within the limit. */
    Optional<PostmasterFile> awaitReady(PostmasterFile running, Duration limit) throws IOException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() - deadlineNanos < 0) {
            Optional<PostmasterFile> file = PostmasterFile.read(cluster).filter(running::isSameServerAs);
            if (file.isEmpty() || !isRunning(running)) {
                return Optional.empty();
            }
            if (file.get().ready()) {
                return file;
            }
            Pause.millis(POLL_MILLIS);
        }
        return Optional.empty();
    }

    /** Starts the server on a port from {@code freePort}; takes another when somebody was faster. */
    PostmasterFile start(IntSupplier freePort, Duration limit) throws IOException {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        long lingeringNanos = System.nanoTime() + Math.min(LINGERING_LIMIT.toNanos(), limit.toNanos());
        for (int attempt = 1; ; ) {
            int port = freePort.getAsInt();
            long logPosition = log.position();
            Optional<PostmasterFile> started = tryStart(port, deadlineNanos);
            if (started.isPresent()) {
                return started.get();
            }
            String said = log.since(logPosition);
            if (PORT_TAKEN.stream().anyMatch(said::contains) && attempt < PORT_ATTEMPTS) {
                LOG.info("port {} was taken by another process, taking another one", port);
                attempt++;
            } else if (said.contains("shared memory block") && System.nanoTime() - lingeringNanos < 0) {
                // Parts of a killed server notice its death within moments.
                Pause.millis(LINGERING_POLL_MILLIS);
            } else {
                throw ServerFailures.of("starting PostgreSQL in " + cluster, log.complaint(said));
            }
        }
    }

    private Optional<PostmasterFile> tryStart(int port, long deadlineNanos) throws IOException {
        @Nullable PostmasterFile before = clearStaleFile();
        Duration left = Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
        String options = String.join(" ", ServerParameters.arguments(port, parameters));
        List<String> arguments = List.of(
                "start",
                "--pgdata=" + cluster,
                "--log=" + log.file(),
                "--wait",
                "--timeout=" + (left.toSeconds() + 1),
                "--options=" + options);
        try (ToolProcess pgCtl = tools.start("pg_ctl", arguments)) {
            while (true) {
                boolean running = pgCtl.isRunning();
                Optional<PostmasterFile> file = PostmasterFile.read(cluster)
                        .filter(f -> f.ready() && f.port() == port && (before == null || !f.isSameServerAs(before)));
                if (file.isPresent()) {
                    return file;
                }
                if (!running && pgCtl.result(KILL_LIMIT).exitStatus() != 0) {
                    stopWhatStillStarts(before);
                    return Optional.empty();
                }
                if (!running) {
                    throw new EmbeddedPostgresException(FAILED, "PostgreSQL started and ended at once in " + cluster);
                }
                Pause.millis(POLL_MILLIS);
            }
        }
    }

    /**
     * PostgreSQL refuses to start while there is any process under the number in a file that was left: another one that
     * got the number since, or the dead server itself until its parent notices.
     */
    private @Nullable PostmasterFile clearStaleFile() throws IOException {
        PostmasterFile.deleteIfEmpty(cluster);
        Optional<PostmasterFile> file = PostmasterFile.read(cluster);
        if (file.isPresent()
                && !isRunning(file.get())
                && ProcessHandle.of(file.get().pid()).isPresent()) {
            LOG.info("the process id in {} is not the server's", PostmasterFile.of(cluster));
            PostmasterFile.disown(cluster, tools.account());
            return PostmasterFile.read(cluster).orElse(null);
        }
        return file.orElse(null);
    }

    /**
     * After a start that took too long: the server may be in the middle of its recovery. One that ran before this start is
     * not its to stop.
     */
    private void stopWhatStillStarts(@Nullable PostmasterFile before) throws IOException {
        Optional<PostmasterFile> file =
                PostmasterFile.read(cluster).filter(started -> before == null || !started.isSameServerAs(before));
        if (file.isPresent() && isRunning(file.get())) {
            stop(file.get(), Duration.ofSeconds(1));
        }
    }

    /** Stops a running server: in order, at once when that takes longer than the limit, by force when that fails. */
    void stop(PostmasterFile running, Duration limit) throws IOException {
        if (!isRunning(running)) {
            return;
        }
        signal("fast");
        if (awaitStopped(running, limit)) {
            return;
        }
        LOG.warn("PostgreSQL did not stop within {} s, stopping it at once", limit.toSeconds());
        signal("immediate");
        if (awaitStopped(running, KILL_LIMIT)) {
            return;
        }
        ProcessHandle.of(running.pid()).ifPresent(ProcessHandle::destroyForcibly);
        if (!awaitStopped(running, KILL_LIMIT)) {
            throw new EmbeddedPostgresException(
                    FAILED, "PostgreSQL does not stop: " + cluster + ", pid=" + running.pid());
        }
    }

    /** Fails when the server has just ended by itself, which the wait that follows will see. */
    private void signal(String mode) throws IOException {
        List<String> arguments = List.of("stop", "--pgdata=" + cluster, "--mode=" + mode, "--no-wait");
        ToolProcess.Result result = tools.run("pg_ctl", arguments, KILL_LIMIT);
        if (!result.succeeded()) {
            LOG.debug("pg_ctl stop: {}", result.complaint());
        }
    }

    private boolean awaitStopped(PostmasterFile running, Duration limit) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        while (isRunning(running)) {
            if (System.nanoTime() - deadlineNanos >= 0) {
                return false;
            }
            Pause.millis(POLL_MILLIS);
        }
        return true;
    }
}
