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
 * @param queryCacheHits queries whose vector was remembered
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
        long queryCacheHits,
        long ingestCpuNanos,
        long queryCpuNanos) {}
