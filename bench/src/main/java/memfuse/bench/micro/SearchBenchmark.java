package memfuse.bench.micro;

import java.util.List;
import java.util.concurrent.TimeUnit;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.ScoredUnit;
import memfuse.actors.retrieval.SearchRequest;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does a search take whose query is embedded already, by the size of the user's memory?
 *
 * <p>{@code java -cp bench/target/memfuse-bench.jar org.openjdk.jmh.Main SearchBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SearchBenchmark {
    private static final int QUERIES = 64;

    @Param({"100", "1000", "10000"})
    int units;

    private final MemoryIndex index = new MemoryIndex(SyntheticMemory.DIMENSIONS, FusionWeights.DEFAULTS);
    private final SearchRequest[] requests = new SearchRequest[QUERIES];
    private int next;

    @Setup
    public void fill() {
        SyntheticMemory memory = new SyntheticMemory(1);
        for (int i = 0; i < units; i++) {
            index.add(memory.unit(i), memory.vector());
        }
        for (int i = 0; i < QUERIES; i++) {
            requests[i] = SearchRequest.of(memory.query(), memory.vector(), 5);
        }
    }

    @Benchmark
    public List<ScoredUnit> search() {
        return index.search(requests[next++ % QUERIES]);
    }
}
