package memfuse.actors.embedding;

/**
 * The state of an {@link EmbeddingQueue}. Counts are since its start.
 *
 * @param queuedTexts ingest texts waiting now
 * @param queuedQueries queries waiting now
 * @param embedded ingest texts embedded
 * @param shed ingest texts refused because the queue was full or closed
 * @param failed texts and queries the model failed on
 * @param batches batches of ingest
 * @param queries queries given to the model
 * @param refusedQueries queries refused because the queue was full or closed
 * @param queryCacheHits queries whose vector was remembered
 * @param textCacheHits ingest texts whose vector was known, and which no queue has seen
 * @param pendingUnits units in the store that wait for an embedding, as of a while ago
 * @param ingestCpuNanos CPU time of ingest
 * @param queryCpuNanos CPU time of queries
 */
public record EmbeddingStats(
        int queuedTexts,
        int queuedQueries,
        long embedded,
        long shed,
        long failed,
        long batches,
        long queries,
        long refusedQueries,
        long queryCacheHits,
        long textCacheHits,
        long pendingUnits,
        long ingestCpuNanos,
        long queryCpuNanos) {
    /** The same with what the queue does not know. */
    public EmbeddingStats with(long hits, long pending) {
        return new EmbeddingStats(
                queuedTexts,
                queuedQueries,
                embedded,
                shed,
                failed,
                batches,
                queries,
                refusedQueries,
                queryCacheHits,
                hits,
                pending,
                ingestCpuNanos,
                queryCpuNanos);
    }
}
