package memfuse.actors.embedding;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.atomic.LongAdder;

/** What an {@link EmbeddingQueue} has done, counted by its threads. */
final class EmbeddingCounters {
    private static final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    final LongAdder embedded = new LongAdder();
    final LongAdder shed = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder batches = new LongAdder();
    final LongAdder queries = new LongAdder();
    final LongAdder refusedQueries = new LongAdder();
    final LongAdder queryCacheHits = new LongAdder();
    final LongAdder ingestCpuNanos = new LongAdder();
    final LongAdder queryCpuNanos = new LongAdder();

    /** CPU time of the calling thread, or 0 where the platform does not count it. */
    static long cpuNanos() {
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : 0;
    }

    EmbeddingStats snapshot(int queuedTexts, int queuedQueries) {
        return new EmbeddingStats(
                queuedTexts,
                queuedQueries,
                embedded.sum(),
                shed.sum(),
                failed.sum(),
                batches.sum(),
                queries.sum(),
                refusedQueries.sum(),
                queryCacheHits.sum(),
                0,
                0,
                ingestCpuNanos.sum(),
                queryCpuNanos.sum());
    }
}
