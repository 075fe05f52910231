package memfuse.cluster.process;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One run of the packaged server, with what it says in two files. */
final class ServerProcess {
    private static final Pattern READY = Pattern.compile(
            "^MemFuse (\\S+) is ready: (http://\\S+/api/v1), data in (.+), started in ([0-9.]+) s$", Pattern.MULTILINE);
    private static final Duration START_LIMIT = Duration.ofMinutes(4);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(3);
    private static final int TAIL_LINES = 40;

    private final Process process;
    private final Path output;
    private final Path errors;
    private final long startedNanos;
    private @Nullable ReadyLine ready;
    private @Nullable Client client;

    private ServerProcess(Process process, Path output, Path errors, long startedNanos) {
        this.process = process;
        this.output = output;
        this.errors = errors;
        this.startedNanos = startedNanos;
    }

    /** The line by which a server says that it serves. */
    record ReadyLine(String version, URI api, Path dataDirectory, double startSeconds) {}

    /** Starts the process and returns at once. */
    static ServerProcess spawn(Launch launch, Path logDirectory, String name) {
        Path output = logDirectory.resolve(name + ".out");
        Path errors = logDirectory.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(launch.command())
                .directory(logDirectory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeIf(variable -> variable.startsWith("MEMFUSE_"));
        builder.environment().putAll(launch.environment());
        try {
            return new ServerProcess(builder.start(), output, errors, System.nanoTime());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for the ready line. */
    ReadyLine awaitReady() {
        Await.until("the server is ready or has ended", START_LIMIT, () -> ready().isPresent() || !isAlive());
        ReadyLine line = ready().orElseThrow(() -> new AssertionError("the server did not start:\n" + tail()));
        ready = line;
        client = new Client(line.api());
        return line;
    }

    /** The client of this server, which is ready. */
    Client client() {
        return Objects.requireNonNull(client, "not ready");
    }

    /** A client with connections of its own. */
    Client newClient() {
        return new Client(api());
    }

    /** Where the API is. */
    URI api() {
        return Objects.requireNonNull(ready, "not ready").api();
    }

    private Optional<ReadyLine> ready() {
        Matcher line = READY.matcher(output());
        return line.find()
                ? Optional.of(new ReadyLine(
                        line.group(1),
                        URI.create(line.group(2)),
                        Path.of(line.group(3)),
                        Double.parseDouble(line.group(4))))
                : Optional.empty();
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Time since the process was started. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** Ends the process where it stands; returns when it is gone. */
    void kill9() {
        endAtOnce();
        awaitEnd();
    }

    /** Ends the process where it stands, and does not wait until it is gone. */
    void endAtOnce() {
        process.destroyForcibly();
    }

    /** Sends a signal, such as {@code -STOP}. */
    void signal(String signal) {
        try {
            int status = new ProcessBuilder("kill", signal, Long.toString(pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new AssertionError("kill " + signal + " failed: " + status);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Asks the process to stop, as an operator or a supervisor does, and returns its exit status. */
    int terminate() {
        process.destroy();
        return awaitEnd();
    }

    /** Asks the process to stop and does not wait. */
    void askToStop() {
        process.destroy();
    }

    /** Returns the exit status, when the process ends by itself within the limit. */
    int awaitEnd() {
        try {
            if (!process.waitFor(STOP_LIMIT.toMillis(), MILLISECONDS)) {
                throw new AssertionError("the server has not ended after " + STOP_LIMIT.toSeconds() + " s:\n" + tail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for the server to end", e);
        }
        return process.exitValue();
    }

    /** Everything on the standard output so far. */
    String output() {
        return read(output);
    }

    /** The lines on the standard error so far. */
    List<String> errors() {
        return read(errors).lines().toList();
    }

    /** The last lines of both, for the report of a failure. */
    String tail() {
        List<String> lines = output().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size())) + "\n"
                + read(errors);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
