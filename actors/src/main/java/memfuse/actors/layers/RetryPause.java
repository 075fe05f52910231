package memfuse.actors.layers;

import java.time.Duration;

/** Pauses that grow with each failure in a row. Not thread-safe. */
final class RetryPause {
    /** After one failure. */
    static final Duration MIN = Duration.ofMillis(500);

    /** The longest. */
    static final Duration MAX = Duration.ofSeconds(30);

    private int failures;

    /** One more failure; the pause before the next try. */
    Duration next() {
        Duration pause = MIN.multipliedBy(1L << Math.min(failures++, 10));
        return pause.compareTo(MAX) > 0 ? MAX : pause;
    }

    /** A try went well. */
    void reset() {
        failures = 0;
    }
}
