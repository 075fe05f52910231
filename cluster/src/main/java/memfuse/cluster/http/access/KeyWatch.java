package memfuse.cluster.http.access;

import java.time.Duration;
import java.util.function.LongSupplier;
import memfuse.protocol.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks the keys in use, each time it is run; says once that it cannot, and once that it can again. Blocking. */
public final class KeyWatch implements Runnable {
    /** How often it is to be run, so that a deleted key soon stops working. */
    public static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(KeyWatch.class);

    private final KeyRing keys;
    private final LongSupplier nanoTime;
    private boolean failing;

    /** @param nanoTime as {@link System#nanoTime()} */
    public KeyWatch(KeyRing keys, LongSupplier nanoTime) {
        this.keys = keys;
        this.nanoTime = nanoTime;
    }

    @Override
    public void run() {
        try {
            keys.check(nanoTime.getAsLong());
            if (failing) {
                LOG.info("API keys are checked again");
            }
            failing = false;
        } catch (StoreException e) {
            if (!failing) {
                LOG.warn(
                        "API keys cannot be checked; in {} they are refused: {}",
                        KeyRing.MAX_UNCHECKED,
                        e.getMessage());
            }
            failing = true;
        }
    }
}
