package memfuse.actors.flush;

import java.time.Duration;

/**
 * The bounds of flushing on one node.
 *
 * @param maxWorkers transactions at a time
 * @param maxBatchMessages messages at which a transaction takes no further session
 * @param retryMin pause after a first failure; doubled with each further one
 * @param retryMax the longest pause
 */
public record FlushSettings(int maxWorkers, int maxBatchMessages, Duration retryMin, Duration retryMax) {
    public FlushSettings {
        if (maxWorkers < 1 || maxBatchMessages < 1) {
            throw new IllegalArgumentException(
                    "bounds must be positive: maxWorkers=" + maxWorkers + ", maxBatchMessages=" + maxBatchMessages);
        }
        if (retryMin.isNegative() || retryMin.isZero() || retryMax.compareTo(retryMin) < 0) {
            throw new IllegalArgumentException(
                    "retry pauses must be positive and in order: retryMin=" + retryMin + ", retryMax=" + retryMax);
        }
    }

    /** The pause before the next try: exponential in the failures so far (1 or more), with up to half of it at random. */
    Duration retryPause(int failures, double random) {
        double millis = Math.min(
                (double) retryMax.toMillis(), (double) retryMin.toMillis() * Math.pow(2, Math.min(failures, 30) - 1.0));
        return Duration.ofMillis(Math.max(1, Math.round(millis * (1 - random / 2))));
    }
}
