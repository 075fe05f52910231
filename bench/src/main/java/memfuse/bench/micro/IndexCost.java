package memfuse.bench.micro;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Arrays;
import java.util.Locale;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.SearchRequest;

/**
 * What a user's index costs in CPU and memory: adding a unit, a search whose query is embedded already, bytes a unit.
 * Counts the thread's CPU time, so that a busy machine does not matter much.
 *
 * <p>{@code java -Xmx2g -cp bench/target/classes:cluster/target/memfuse.jar memfuse.bench.micro.IndexCost [UNITS]}
 */
public final class IndexCost {
    private static final int WARM_UP = 300;
    private static final int SEARCHES = 1_000;
    private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private IndexCost() {}

    public static void main(String[] args) {
        int units = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        fill(units);
        long before = usedBytes();
        MemoryIndex index = fill(units);
        long used = usedBytes() - before;
        System.out.printf(
                Locale.ROOT,
                "%d units: %d bytes a unit on the heap, %d by its own account%n",
                index.size(),
                used / units,
                index.heapBytes() / units);
        search(index);
    }

    private static MemoryIndex fill(int units) {
        SyntheticMemory memory = new SyntheticMemory(1);
        MemoryIndex index = new MemoryIndex(SyntheticMemory.DIMENSIONS, FusionWeights.DEFAULTS);
        long cpu = 0;
        for (int i = 0; i < units; i++) {
            var unit = memory.unit(i);
            float[] vector = memory.vector();
            long start = threads.getCurrentThreadCpuTime();
            index.add(unit, vector);
            cpu += threads.getCurrentThreadCpuTime() - start;
        }
        System.out.printf(Locale.ROOT, "add: %.1f µs of CPU a unit%n", cpu / 1e3 / units);
        return index;
    }

    private static void search(MemoryIndex index) {
        SyntheticMemory memory = new SyntheticMemory(2);
        long[] cpu = new long[SEARCHES];
        for (int i = -WARM_UP; i < SEARCHES; i++) {
            SearchRequest request = SearchRequest.of(memory.query(), memory.vector(), 5);
            long start = threads.getCurrentThreadCpuTime();
            index.search(request);
            if (i >= 0) {
                cpu[i] = threads.getCurrentThreadCpuTime() - start;
            }
        }
        Arrays.sort(cpu);
        System.out.printf(
                Locale.ROOT,
                "search: median %.2f ms of CPU, p99 %.2f ms%n",
                cpu[SEARCHES / 2] / 1e6,
                cpu[SEARCHES * 99 / 100] / 1e6);
    }

    @SuppressWarnings("SystemGc") // the heap after a collection is what is measured
    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
