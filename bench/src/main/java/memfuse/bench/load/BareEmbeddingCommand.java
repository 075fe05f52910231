package memfuse.bench.load;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import memfuse.bench.Bench;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How much processor time does a text cost in a bare ONNX session, by the size of its batches?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar bare-embedding}
 *
 * <p>Several threads share one session, as the server's do, so that the cost of sharing the machine's caches is in it.
 */
@Command(name = "bare-embedding", description = "How much processor time does a text cost in a bare ONNX session?")
final class BareEmbeddingCommand implements Callable<Integer> {
    private static final int[] BATCHES = {1, 4, 8, 16, 32};
    private static final Pattern LINE = Pattern.compile("batch=(\\d+) micros=([0-9.]+)");
    private static final int WARM_UP_TEXTS = 256;

    @Option(names = "--texts", defaultValue = "2000", description = "Of each thread (default: ${DEFAULT-VALUE}).")
    private int texts;

    @Option(names = "--threads", description = "(default: as many as there are processors).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Override
    public Integer call() throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try (BareEmbedder embedder = new BareEmbedder()) {
            embedder.embed(new ChatTexts(0).next(WARM_UP_TEXTS), 8);
            for (int batch : BATCHES) {
                List<Future<Long>> nanos = new ArrayList<>();
                for (int i = 0; i < threads; i++) {
                    List<String> ofThread = new ChatTexts(i).next(texts);
                    nanos.add(workers.submit(() -> cpuNanos(embedder, ofThread, batch)));
                }
                long sum = 0;
                for (Future<Long> ofThread : nanos) {
                    sum += ofThread.get();
                }
                System.out.printf("batch=%d micros=%.1f%n", batch, sum / 1e3 / texts / threads);
            }
            return 0;
        } finally {
            workers.shutdownNow();
        }
    }

    private static long cpuNanos(BareEmbedder embedder, List<String> texts, int batch) throws Exception {
        var threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        embedder.embed(texts, batch);
        return threads.getCurrentThreadCpuTime() - start;
    }

    /** Runs this command in a process of its own: microseconds of a text by the size of the batch. */
    static Map<Integer, Double> inOwnProcess(Path javaHome, Path directory, int texts)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        javaHome.resolve("bin").resolve("java").toString(),
                        "-Djava.io.tmpdir=" + directory,
                        "-DENGINE_CACHE_DIR=" + directory,
                        "-Dai.djl.offline=true",
                        "-DOPT_OUT_TRACKING=true",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Bench.class.getName(),
                        "bare-embedding",
                        "--texts",
                        Integer.toString(texts))
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("bare embedding failed: " + output);
        }
        Map<Integer, Double> micros = new TreeMap<>();
        Matcher line = LINE.matcher(output);
        while (line.find()) {
            micros.put(Integer.parseInt(line.group(1)), Double.parseDouble(line.group(2)));
        }
        return micros;
    }
}
