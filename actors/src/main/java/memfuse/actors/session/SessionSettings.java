package memfuse.actors.session;

import java.time.Duration;

/**
 * The bounds and times of a session.
 *
 * @param buffered false: every round goes straight to the layers, and is answered when they have it
 * @param roundMaxTokens tokens the round buffer holds
 * @param roundMaxSize rounds the round buffer holds
 * @param hybridMaxSize rounds at which the hybrid buffer is flushed
 * @param flushStrategy what makes a session flush
 * @param flushInterval how long a round may stay unflushed
 * @param highWaterMessages unflushed messages, or journaled events, above which changes are refused; at half of it a
 *     session flushes early
 * @param highWaterBytes unflushed bytes above which changes are refused; likewise
 * @param waitForEmbedding whether an append is answered only when its embeddings are ready
 */
public record SessionSettings(
        boolean buffered,
        int roundMaxTokens,
        int roundMaxSize,
        int hybridMaxSize,
        FlushStrategy flushStrategy,
        Duration flushInterval,
        int highWaterMessages,
        long highWaterBytes,
        boolean waitForEmbedding) {
    /** The largest high-water mark of messages. */
    public static final int MAX_HIGH_WATER_MESSAGES = 100_000;

    /**
     * Events that a session's journal can hold, whatever the mark was when they were written: as many as the mark allows,
     * after the marker of the last flush.
     */
    public static final int LONGEST_JOURNAL = MAX_HIGH_WATER_MESSAGES + 1;

    public SessionSettings {
        if (flushInterval.isNegative() || flushInterval.isZero()) {
            throw new IllegalArgumentException("flushInterval must be positive: flushInterval=" + flushInterval);
        }
        if (highWaterMessages > MAX_HIGH_WATER_MESSAGES) {
            throw new IllegalArgumentException(
                    "high-water mark must be at most " + MAX_HIGH_WATER_MESSAGES + ": messages=" + highWaterMessages);
        }
        if (highWaterMessages < 1 || highWaterBytes < 1) {
            throw new IllegalArgumentException(
                    "high-water marks must be positive: messages=" + highWaterMessages + ", bytes=" + highWaterBytes);
        }
    }

    /** What makes a session flush; buffers that nobody adds to are flushed by time under each of them. */
    public enum FlushStrategy {
        /** When the hybrid buffer is full. */
        SIZE_BASED,
        /** When the oldest unflushed round is {@code flushInterval} old. */
        TIME_BASED,
        /** Whichever comes first. */
        HYBRID
    }
}
