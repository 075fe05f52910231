package memfuse.cluster.http.transfer;

import java.util.concurrent.atomic.AtomicInteger;

/** A number of places; safe for all threads. */
final class Slots {
    private final int most;
    private final AtomicInteger taken = new AtomicInteger();

    Slots(int most) {
        this.most = most;
    }

    /** Takes a place, or none and false; whoever got one gives it back once. */
    boolean tryTake() {
        if (taken.incrementAndGet() > most) {
            taken.decrementAndGet();
            return false;
        }
        return true;
    }

    void giveBack() {
        taken.decrementAndGet();
    }
}
