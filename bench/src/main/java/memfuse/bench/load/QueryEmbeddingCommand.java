package memfuse.bench.load;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.EmbeddingQueueSettings;
import memfuse.actors.embedding.OnnxEmbeddingModel;
import memfuse.actors.embedding.OnnxModelSpec;
import memfuse.bench.report.Machine;
import memfuse.bench.report.Report;
import memfuse.bench.report.Target;
import memfuse.cluster.settings.BuildInfo;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How much processor time does a query's embedding take in the node's queue, as a multiple of a bare ONNX session's, in
 * turns within one run?
 *
 * <p>{@code java -jar bench/target/memfuse-bench.jar query-embedding}
 */
@Command(
        name = "query-embedding",
        description = "What does a query's embedding cost, beside a bare ONNX session?",
        mixinStandardHelpOptions = true)
final class QueryEmbeddingCommand implements Callable<Integer> {
    private static final int WARM_UP_TEXTS = 300;

    @Mixin
    private ReportOutput output = new ReportOutput();

    @Option(names = "--rounds", defaultValue = "9", description = "(default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--texts", defaultValue = "500", description = "Of each round (default: ${DEFAULT-VALUE}).")
    private int texts;

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        BuildInfo build = BuildInfo.read();
        List<Double> bareMicros = new ArrayList<>();
        List<Double> queueMicros = new ArrayList<>();
        List<Double> ratios = new ArrayList<>();
        try (RunDirectory directory = RunDirectory.create(false);
                EmbeddingModel model = OnnxEmbeddingModel.open(OnnxModelSpec.MINILM, directory.file("native"));
                EmbeddingQueue queue =
                        new EmbeddingQueue(model, new EmbeddingQueueSettings(1, 10, 1, 256, 1, 1, 0, 0));
                BareEmbedder bare = new BareEmbedder()) {
            ChatTexts chat = new ChatTexts(7);
            inBareSession(bare, chat.next(WARM_UP_TEXTS));
            inQueue(queue, chat.next(WARM_UP_TEXTS));
            for (int round = 0; round < rounds; round++) {
                List<String> queries = chat.next(texts);
                double ofBareSession = inBareSession(bare, queries);
                double ofQueue = inQueue(queue, queries);
                bareMicros.add(ofBareSession);
                queueMicros.add(ofQueue);
                ratios.add(ofQueue / ofBareSession);
            }
        }
        return output.write(new Report("A query's embedding, beside a bare session")
                .from("command", Commands.line(spec))
                .from("build", build.version() + " " + build.commit())
                .from("machine", Machine.current().toString())
                .figure("queue to bare session, median", Statistics.median(ratios), "", Target.atMost(1.3))
                .figure("a query in the queue, median", Statistics.median(queueMicros), "µs")
                .figure("a text in the bare session, median", Statistics.median(bareMicros), "µs"));
    }

    private static double inBareSession(BareEmbedder bare, List<String> queries) throws Exception {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        for (String query : queries) {
            bare.embed(List.of(query), 1);
        }
        return (threads.getCurrentThreadCpuTime() - start) / 1e3 / queries.size();
    }

    /** Without the last one's time, which may be counted after its answer, and then in the next round. */
    private static double inQueue(EmbeddingQueue queue, List<String> queries) {
        long start = queue.stats().queryCpuNanos();
        for (String query : queries) {
            queue.embedQuery("user", query).toCompletableFuture().join();
        }
        return (queue.stats().queryCpuNanos() - start) / 1e3 / queries.size();
    }
}
