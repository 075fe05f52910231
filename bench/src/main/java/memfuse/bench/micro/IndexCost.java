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
 * <p>{@code java -Xmx3g -cp bench/target/memfuse-bench.jar memfuse.bench.micro.IndexCost [UNITS [COMPACT_FROM]]}
 */
public final class IndexCost {
    private static final int WARM_UP = 300;
    private static final int SEARCHES = 1_000;
    private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    private IndexCost() {}

    public static void main(String[] args) {
        int units = args.length > 0 ? Integer.parseInt(args[0]) : 10_000;
        int compactFrom = args.length > 1 ? Integer.parseInt(args[1]) : Integer.MAX_VALUE;
        fill(units, compactFrom);
        long before = usedBytes();
        MemoryIndex index = fill(units, compactFrom);
        long used = usedBytes() - before;
        System.out.printf(
                Locale.ROOT,
                "%d units: %d bytes a unit on the heap, %d by its own account; texts and ids among them %d%n",
                index.size(),
                used / units,
                index.heapBytes() / units,
                textBytes(units));
        search(index);
    }

    /** What the strings take that messages bring with them, a unit. */
    private static long textBytes(int units) {
        SyntheticMemory memory = new SyntheticMemory(1);
        long bytes = 0;
        for (int i = 0; i < units; i++) {
            var unit = memory.unit(i);
            memory.vector();
            bytes += stringBytes(unit.text()) + stringBytes(unit.messageId());
        }
        return bytes / units;
    }

    /** An object of 24 bytes with an array of 16 and the letters, each in steps of 8. */
    private static long stringBytes(String text) {
        return 24 + (16L + text.length() + 7) / 8 * 8;
    }

    private static MemoryIndex fill(int units, int compactFrom) {
        SyntheticMemory memory = new SyntheticMemory(1);
        MemoryIndex index = new MemoryIndex(SyntheticMemory.DIMENSIONS, FusionWeights.DEFAULTS, compactFrom);
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
