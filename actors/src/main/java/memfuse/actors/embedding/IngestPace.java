package memfuse.actors.embedding;

import java.time.Duration;

/**
 * How long an ingest thread rests after each of its batches. Where it mostly waited for a processor, others want them all:
 * even what is left over to it then costs the others, whose caches it empties.
 *
 * <p>While that goes on batch after batch, and more texts wait than can be embedded beside such a load anyway, rests
 * double up to a bound. Batches that find a processor free halve them again, each of them once: what was put off is worked
 * off without any rest when a few in a row did, and one that was lucky changes little. Owned by its thread.
 */
final class IngestPace {
    /** The longest rest where nothing waits behind the batch: so soon a text is embedded that comes alone. */
    static final Duration MAX_REST = Duration.ofSeconds(2);

    /** The longest rest of all: so often something is embedded however busy the machine is and stays. */
    static final Duration MAX_LONG_REST = Duration.ofSeconds(8);

    /** Waits of more than so many times the running are a sign that others want the processors. */
    private static final int CROWDED = 1;

    /** Rests are so many times as long as the batch took, before they double. */
    private static final int REST = 4;

    private static final int MAX_DOUBLINGS = 3;

    /** How often the next rest is doubled. */
    private int doublings;

    /**
     * The rest after a batch.
     *
     * @param batch how the thread fared during it
     * @param moreWait whether there are texts for another batch
     */
    Duration restAfter(ProcessorTimes batch, boolean moreWait) {
        boolean crowded = batch.waitNanos() > CROWDED * batch.runNanos();
        long restNanos = REST * (batch.runNanos() + batch.waitNanos());
        if (!moreWait) {
            doublings = 0;
            return crowded ? atMost(MAX_REST, restNanos) : Duration.ZERO;
        }
        if (crowded) {
            Duration rest = atMost(MAX_LONG_REST, restNanos << doublings);
            doublings = Math.min(doublings + 1, MAX_DOUBLINGS);
            return rest;
        }
        if (doublings == 0) {
            return Duration.ZERO;
        }
        doublings--;
        return atMost(MAX_LONG_REST, restNanos << doublings);
    }

    private static Duration atMost(Duration longest, long nanos) {
        return Duration.ofNanos(Math.min(longest.toNanos(), nanos));
    }
}
