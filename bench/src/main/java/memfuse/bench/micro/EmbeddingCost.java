package memfuse.bench.micro;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.EmbeddingQueueSettings;
import memfuse.actors.embedding.EmbeddingStats;
import memfuse.actors.embedding.OnnxEmbeddingModel;
import memfuse.actors.embedding.OnnxModelSpec;
import memfuse.actors.embedding.TokenCounter;

/**
 * What embedding costs: texts per CPU-second of the model by itself, and of the queue; and what a busy thread of the node
 * keeps of a core beside the queue's low-priority workers.
 *
 * <p>{@code java -cp bench/target/classes:cluster/target/memfuse.jar memfuse.bench.micro.EmbeddingCost}; pin it to one
 * core ({@code taskset -c 0}) to see the competition.
 */
public final class EmbeddingCost {
    private static final int TEXTS = 2_000;
    private static final String SENTENCE = "I went to the lake with my sister last weekend and we saw a heron, "
            + "then it rained so we hurried home and made soup with the vegetables from her garden.";
    private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private final EmbeddingModel model;
    private final TokenCounter counter = new TokenCounter();
    private final List<String> texts = new ArrayList<>();

    private EmbeddingCost(EmbeddingModel model) {
        this.model = model;
        String[] words = SENTENCE.split(" ", -1);
        for (int i = 0; i < TEXTS; i++) {
            int length = 4 + i * 7 % (words.length - 4);
            texts.add("Alice: " + String.join(" ", List.of(words).subList(0, length)) + " " + i);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Path natives = Path.of(System.getProperty("java.io.tmpdir"), "memfuse-bench-native");
        try (EmbeddingModel model = OnnxEmbeddingModel.open(OnnxModelSpec.MINILM, natives)) {
            EmbeddingCost cost = new EmbeddingCost(model);
            cost.bare();
            cost.bare();
            cost.queue(0);
            cost.queue(10);
        }
    }

    private void bare() {
        long start = threads.getCurrentThreadCpuTime();
        model.embed(texts);
        print("the model alone", TEXTS, threads.getCurrentThreadCpuTime() - start);
    }

    private void queue(int niceness) throws InterruptedException {
        EmbeddingQueueSettings settings = new EmbeddingQueueSettings(TEXTS, 100, 8, 256, 1, 1, niceness, 0);
        try (EmbeddingQueue queue = new EmbeddingQueue(model, settings)) {
            long[] busyCpu = new long[1];
            Thread busy = new Thread(() -> {
                while (!Thread.currentThread().isInterrupted()) {
                    busyCpu[0] = threads.getCurrentThreadCpuTime();
                }
            });
            busy.start();
            long start = System.nanoTime();
            CompletableFuture<?>[] vectors = texts.stream()
                    .map(text -> queue.offer("user", text, counter.count(text)).orElseThrow())
                    .toArray(CompletableFuture[]::new);
            CompletableFuture.anyOf(vectors[TEXTS / 4]).join();
            double seconds = (System.nanoTime() - start) / 1e9;
            EmbeddingStats then = queue.stats();
            double busyShare = busyCpu[0] / 1e9 / seconds;
            busy.interrupt();
            busy.join();
            CompletableFuture.allOf(vectors).join();
            EmbeddingStats stats = queue.stats();
            print("queue, niceness " + niceness, stats.embedded(), stats.ingestCpuNanos());
            System.out.printf(
                    Locale.ROOT,
                    "  beside a busy thread: it had %.0f%% of a core, embedding %.0f%%%n",
                    100 * busyShare,
                    100 * then.ingestCpuNanos() / 1e9 / seconds);
        }
    }

    private static void print(String what, long texts, long cpuNanos) {
        System.out.printf(Locale.ROOT, "%s: %.0f texts per CPU-second%n", what, texts / (cpuNanos / 1e9));
    }
}
