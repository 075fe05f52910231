package memfuse.actors.layers;

/**
 * How much is extracted from at a time.
 *
 * @param concurrency batches under way, each of another session
 * @param batchMessages messages of a batch
 * @param batchTokens tokens of a batch of more than one message
 */
public record FactBacklogSettings(int concurrency, int batchMessages, int batchTokens) {
    public FactBacklogSettings {
        if (concurrency < 1 || batchMessages < 1 || batchTokens < 1) {
            throw new IllegalArgumentException("must be at least 1: concurrency=" + concurrency + ", batchMessages="
                    + batchMessages + ", batchTokens=" + batchTokens);
        }
    }
}
