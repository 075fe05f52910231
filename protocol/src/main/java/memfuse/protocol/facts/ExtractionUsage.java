package memfuse.protocol.facts;

/**
 * What a model was asked, and what it used up, since the start.
 *
 * @param requests that were sent, the repeated ones among them
 * @param retries requests that were sent again
 * @param failures batches of messages that were given up
 * @param discarded facts of answers that are none: without evidence among the messages, or without content
 * @param cost of all tokens, at the prices of the settings
 */
public record ExtractionUsage(
        long requests, long retries, long failures, long inputTokens, long outputTokens, long discarded, double cost) {
    /** Of what asks nobody. */
    public static final ExtractionUsage NONE = new ExtractionUsage(0, 0, 0, 0, 0, 0, 0);
}
