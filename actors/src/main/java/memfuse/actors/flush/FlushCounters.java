package memfuse.actors.flush;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What the flushes of a node have done since its start, and what they have to do. Safe for all threads. */
public final class FlushCounters {
    private final LongAdder transactions = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder messages = new LongAdder();
    private final LongAdder writingNanos = new LongAdder();
    private volatile int waiting;
    private volatile int waitingMessages;
    private volatile int busyWorkers;
    private volatile int failuresInARow;

    void stored(int storedMessages, Duration took) {
        transactions.increment();
        messages.add(storedMessages);
        writingNanos.add(took.toNanos());
    }

    void failed() {
        failures.increment();
    }

    void update(FlushQueue queue, int busy, int inARow) {
        waiting = queue.size();
        waitingMessages = queue.messages();
        busyWorkers = busy;
        failuresInARow = inARow;
    }

    /** Transactions that were stored. */
    public long transactions() {
        return transactions.sum();
    }

    /** Transactions that failed; what was in them is tried again. */
    public long failures() {
        return failures.sum();
    }

    /** Messages in stored transactions. */
    public long messages() {
        return messages.sum();
    }

    /** Time from handing a transaction to a worker until it was stored, all added up, in nanoseconds. */
    public long writingNanos() {
        return writingNanos.sum();
    }

    /** Flushes, one a session at the most, that wait for a worker now. */
    public int waiting() {
        return waiting;
    }

    /** Messages of the flushes that wait. */
    public int waitingMessages() {
        return waitingMessages;
    }

    /** Workers that write now. */
    public int busyWorkers() {
        return busyWorkers;
    }

    /** Transactions that failed since one was stored: above 0, the store does not take flushes now. */
    public int failuresInARow() {
        return failuresInARow;
    }
}
