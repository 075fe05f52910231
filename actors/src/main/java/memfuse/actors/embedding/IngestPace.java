package memfuse.actors.embedding;

import java.time.Duration;

/**
 * How long ingest rests after a batch. Where its thread mostly waited for a processor, others want them all: even what is
 * left over to it then costs the others, whose caches it empties.
 */
final class IngestPace {
    /** The longest rest: so often something is embedded however busy the machine is. */
    static final Duration MAX_REST = Duration.ofSeconds(2);

    /** Waits of so many times the running are a sign that others want the processors. */
    private static final int CROWDED = 3;

    /** Rests are so many times as long as the batch took. */
    private static final int REST = 4;

    private IngestPace() {}

    /** @param batch how the thread fared during the batch */
    static Duration restAfter(ProcessorTimes batch) {
        if (batch.waitNanos() <= CROWDED * batch.runNanos()) {
            return Duration.ZERO;
        }
        Duration rest = Duration.ofNanos(REST * (batch.runNanos() + batch.waitNanos()));
        return rest.compareTo(MAX_REST) < 0 ? rest : MAX_REST;
    }
}
