package memfuse.bench.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The packaged server as a child process, from {@link #start} to {@link #close}. It is stopped with this process as
 * well. What it prints goes to a file beside its data directory, named like it and ending in {@code .log}.
 */
public final class MemFuseServer implements AutoCloseable {
    private static final Pattern READY = Pattern.compile(" is ready: http://([^:/]+):(\\d+)/");
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final Duration STOP_LIMIT = Duration.ofMinutes(2);
    private static final int COMPLAINT_LINES = 20;

    private final Launch launch;
    private final Path dataDirectory;
    private final Path log;
    private final Process process;
    private final Thread stopWithUs;
    private final InetSocketAddress address;
    private final Duration startTime;

    private MemFuseServer(Launch launch, Path dataDirectory, Path log, Process process)
            throws IOException, InterruptedException {
        long start = System.nanoTime();
        this.launch = launch;
        this.dataDirectory = dataDirectory;
        this.log = log;
        this.process = process;
        stopWithUs = new Thread(process::destroy, "stop-server");
        Runtime.getRuntime().addShutdownHook(stopWithUs);
        try {
            address = ready().get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            startTime = Duration.ofNanos(System.nanoTime() - start);
        } catch (ExecutionException | TimeoutException e) {
            close();
            throw new IOException("the server did not start: " + e.getMessage(), e);
        }
    }

    /** Starts it and returns when it says that it is ready. */
    public static MemFuseServer start(Launch launch, Path dataDirectory, Map<String, String> settings)
            throws IOException, InterruptedException {
        return start(
                launch, dataDirectory, dataDirectory.resolveSibling(dataDirectory.getFileName() + ".log"), settings);
    }

    /** The same with a file of its own for what it prints, where several servers have one data directory. */
    public static MemFuseServer start(Launch launch, Path dataDirectory, Path log, Map<String, String> settings)
            throws IOException, InterruptedException {
        Files.createDirectories(dataDirectory);
        ProcessBuilder builder = new ProcessBuilder(launch.command(dataDirectory, settings)).redirectErrorStream(true);
        builder.environment().keySet().removeIf(name -> name.startsWith("MEMFUSE_"));
        builder.environment().put("MEMFUSE_RATE_LIMIT_PER_MINUTE", "0"); // all load comes from one address
        return new MemFuseServer(launch, dataDirectory, log, builder.start());
    }

    public InetSocketAddress address() {
        return address;
    }

    /** From the start of the process until it said that it is ready. */
    public Duration startTime() {
        return startTime;
    }

    public long pid() {
        return process.pid();
    }

    public Path dataDirectory() {
        return dataDirectory;
    }

    /** A look into its JVM. */
    public Jcmd jcmd() {
        return new Jcmd(launch.tool("jcmd"), process.pid());
    }

    /** Stops it in the ordinary way; the second call does nothing. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            Runtime.getRuntime().removeShutdownHook(stopWithUs);
        } catch (IllegalStateException alreadyStopping) {
            // The hook is running then, and has nothing left to do.
        }
    }

    private CompletableFuture<InetSocketAddress> ready() {
        CompletableFuture<InetSocketAddress> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> readOutput(ready), "server-output");
        reader.setDaemon(true);
        reader.start();
        return ready;
    }

    private void readOutput(CompletableFuture<InetSocketAddress> ready) {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
                PrintWriter copy = new PrintWriter(Files.newBufferedWriter(log), true)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                copy.println(line);
                last.add(line);
                if (last.size() > COMPLAINT_LINES) {
                    last.remove();
                }
                Matcher found = READY.matcher(line);
                if (found.find()) {
                    ready.complete(new InetSocketAddress(found.group(1), Integer.parseInt(found.group(2))));
                }
            }
            ready.completeExceptionally(new IOException("it ended:\n" + String.join("\n", last)));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }
}
