package memfuse.persistence.server;

import static memfuse.persistence.server.EmbeddedPostgresException.Reason.FAILED;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command line tool: its output goes to a file of its own and its time is bounded.
 *
 * <p>A file, because a server started by a tool may keep the tool's pipes open for as long as it runs.
 */
final class ToolProcess implements AutoCloseable {

    /** Variables that would steer PostgreSQL's tools to another server, directory or set of libraries. */
    private static final List<String> FOREIGN_VARIABLES = List.of("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG");

    /** How the names of output files begin; one is left behind when this process is killed while a tool runs. */
    static final String OUTPUT_PREFIX = "tool-";

    private final String name;
    private final Process process;
    private final Path output;

    /** What a tool left: its exit status and everything it printed. */
    record Result(int exitStatus, String text) {
        boolean succeeded() {
            return exitStatus == 0;
        }

        /** The line that says what went wrong: the first that names an error, else the last one. */
        String complaint() {
            List<String> lines =
                    text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList();
            return lines.stream()
                    .filter(l -> l.contains("FATAL:") || l.contains("error:") || l.contains("No space left"))
                    .findFirst()
                    .orElse(lines.isEmpty() ? "exit status " + exitStatus : lines.get(lines.size() - 1));
        }
    }

    private ToolProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Starts a command in a directory, where its output file is kept for the time of the run.
     *
     * @throws IOException when the program is not there or cannot be run
     */
    static ToolProcess start(Path directory, List<String> command) throws IOException {
        Path output = Files.createTempFile(directory, OUTPUT_PREFIX, ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().keySet().removeIf(v -> v.startsWith("PG") || FOREIGN_VARIABLES.contains(v));
            builder.environment().put("LC_ALL", "C");
            Process process = builder.start();
            process.getOutputStream().close();
            return new ToolProcess(command.get(0), process, output);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(output);
            throw e;
        }
    }

    /** Runs a command to its end; one that overstays the limit is killed and is a failure. */
    static Result run(Path directory, List<String> command, Duration limit) throws IOException {
        try (ToolProcess tool = start(directory, command)) {
            return tool.result(limit);
        }
    }

    boolean isRunning() {
        return process.isAlive();
    }

    Result result(Duration limit) throws IOException {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new EmbeddedPostgresException(FAILED, name + " did not end within " + limit.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedPostgresException(FAILED, "interrupted while waiting for " + name, e);
        }
        return new Result(process.exitValue(), Files.readString(output, StandardCharsets.ISO_8859_1));
    }

    /** Kills the tool when it still runs, and removes its output. */
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
