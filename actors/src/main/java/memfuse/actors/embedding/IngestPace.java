package memfuse.actors.embedding;

import java.time.Duration;

/**
 * How long an ingest thread rests after each of its batches. Where it mostly waited for a processor, others want them all:
 * even what is left over to it then costs the others, whose caches it empties.
 *
 * <p>While that goes on batch after batch, and more texts wait than can be embedded beside such a load anyway, rests
 * double up to a bound. The first batch that finds a processor free ends that: what was put off is worked off
 * without any rest then. Owned by its thread.
 */
final class IngestPace {
    /** The longest rest where nothing waits behind the batch: so soon a text is embedded that comes alone. */
    static final Duration MAX_REST = Duration.ofSeconds(2);

    /** The longest rest of all: so often something is embedded however busy the machine is and stays. */
    static final Duration MAX_LONG_REST = Duration.ofSeconds(8);

    /** Waits of so many times the running are a sign that others want the processors. */
    private static final int CROWDED = 3;

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
        if (batch.waitNanos() <= CROWDED * batch.runNanos()) {
            doublings = 0;
            return Duration.ZERO;
        }
        long restNanos = REST * (batch.runNanos() + batch.waitNanos());
        if (!moreWait) {
            doublings = 0;
            return atMost(MAX_REST, restNanos);
        }
        Duration rest = atMost(MAX_LONG_REST, restNanos << doublings);
        doublings = Math.min(doublings + 1, MAX_DOUBLINGS);
        return rest;
    }

    private static Duration atMost(Duration longest, long nanos) {
        return Duration.ofNanos(Math.min(longest.toNanos(), nanos));
    }
}
