package memfuse.cluster.process;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for something to become true, looking often and not for ever. */
final class Await {
    private static final Duration PAUSE = Duration.ofMillis(10);

    private Await() {}

    /** Something to look at; what it throws means "not yet", unless time is up. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }

    /** Returns when the condition holds; fails with {@code what} and the last exception when it does not in time. */
    static void until(String what, Duration limit, Condition condition) {
        long deadlineNanos = System.nanoTime() + limit.toNanos();
        Exception last = null;
        do {
            try {
                if (condition.holds()) {
                    return;
                }
            } catch (Exception e) {
                last = e;
            }
            pass(PAUSE);
        } while (System.nanoTime() - deadlineNanos < 0);
        throw new AssertionError("not within " + limit.toSeconds() + " s: " + what, last);
    }

    /** Lets time pass, for a fault that is to last so long. */
    static void pass(Duration time) {
        long endNanos = System.nanoTime() + time.toNanos();
        long left = time.toNanos();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = endNanos - System.nanoTime();
        }
    }
}
