package memfuse.cluster;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import memfuse.persistence.database.DatabaseException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits at the start of a node for a database that is not there yet: machines and pods start in any order. What no wait
 * will mend, such as a wrong password, is thrown at once.
 */
final class DatabaseWait {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseWait.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private DatabaseWait() {}

    /**
     * What {@code open} returns in the end.
     *
     * @param stopping whether there is no use in waiting any longer
     * @throws DatabaseException the last one, when the limit is over
     */
    static <T> T forUpTo(Duration limit, BooleanSupplier stopping, Supplier<T> open) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        boolean told = false;
        while (true) {
            try {
                return open.get();
            } catch (DatabaseException refused) {
                boolean over = System.nanoTime() - deadlineNanos >= 0 || stopping.getAsBoolean();
                if (over || !refused.isPassing()) {
                    throw refused;
                }
                if (!told) {
                    LOG.warn("waiting up to {} s for the database: {}", limit.toSeconds(), refused.getMessage());
                }
                told = true;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }
}
