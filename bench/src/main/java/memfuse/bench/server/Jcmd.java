package memfuse.bench.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The JDK's own look into a running JVM. */
public final class Jcmd {
    private final Path program;
    private final long pid;

    Jcmd(Path program, long pid) {
        this.program = program;
        this.pid = pid;
    }

    /** What the JVM answers to a diagnostic command, e.g. {@code Thread.print}. */
    public String ask(String... command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(program.toString(), Long.toString(pid)));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", line) + ": " + answer);
        }
        return answer;
    }

    /** Bytes of the objects that are in use, after a full collection. */
    public long liveHeapBytes() throws IOException, InterruptedException {
        return total(histogram());
    }

    /** Objects in use by class, the biggest first, after a full collection. */
    public List<String> histogram() throws IOException, InterruptedException {
        return ask("GC.class_histogram").lines().map(String::strip).toList();
    }

    static long total(List<String> histogram) throws IOException {
        return histogram.stream()
                .filter(line -> line.startsWith("Total"))
                .map(line -> line.split("\\s+"))
                .filter(cells -> cells.length == 3)
                .mapToLong(cells -> Long.parseLong(cells[2]))
                .findFirst()
                .orElseThrow(() -> new IOException("a class histogram without a total"));
    }
}
