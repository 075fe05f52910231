package memfuse.actors.embedding;

/**
 * The bounds of an {@link EmbeddingQueue}.
 *
 * @param maxQueuedTexts ingest texts that may wait; more are shed
 * @param maxQueuedQueries queries that may wait; more fail
 * @param maxBatchTexts ingest texts that a worker takes at a time
 * @param maxBatchTokens tokens that these have together at the most; a longer text goes alone
 * @param ingestWorkers threads for ingest
 * @param queryWorkers threads for queries
 * @param ingestNiceness how much nicer the ingest threads are than others of the process, on Linux, 0 to 19; at 19 they
 *     also rest while others want the processors
 * @param cachedQueries query vectors that are remembered
 */
public record EmbeddingQueueSettings(
        int maxQueuedTexts,
        int maxQueuedQueries,
        int maxBatchTexts,
        int maxBatchTokens,
        int ingestWorkers,
        int queryWorkers,
        int ingestNiceness,
        int cachedQueries) {
    public EmbeddingQueueSettings {
        atLeast(1, maxQueuedTexts, "maxQueuedTexts");
        atLeast(1, maxQueuedQueries, "maxQueuedQueries");
        atLeast(1, maxBatchTexts, "maxBatchTexts");
        atLeast(1, maxBatchTokens, "maxBatchTokens");
        atLeast(1, ingestWorkers, "ingestWorkers");
        atLeast(1, queryWorkers, "queryWorkers");
        atLeast(0, ingestNiceness, "ingestNiceness");
        atLeast(0, cachedQueries, "cachedQueries");
        if (ingestNiceness > 19) {
            throw new IllegalArgumentException("ingestNiceness must be at most 19: " + ingestNiceness);
        }
    }

    /** Whether ingest takes no more than what is left over. */
    boolean ingestGivesWay() {
        return ingestNiceness == 19;
    }

    private static void atLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
        }
    }

    /** The defaults for a model in this process: a worker of each kind per core. */
    public static EmbeddingQueueSettings defaults() {
        int cores = Runtime.getRuntime().availableProcessors();
        return new EmbeddingQueueSettings(10_000, 4_096, 8, 256, cores, cores, 10, 1_000);
    }
}
