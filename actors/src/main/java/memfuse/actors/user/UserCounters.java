package memfuse.actors.user;

import java.util.concurrent.atomic.LongAdder;

/** What the users of a node have awake and unflushed. Safe for all threads. */
public final class UserCounters {
    private final LongAdder awakeSessions = new LongAdder();
    private final LongAdder unflushedMessages = new LongAdder();

    void sessionStarted() {
        awakeSessions.increment();
    }

    void sessionsEnded(int sessions) {
        awakeSessions.add(-sessions);
    }

    void unflushedChanged(long messages) {
        unflushedMessages.add(messages);
    }

    /** Sessions whose actors run. */
    public long awakeSessions() {
        return awakeSessions.sum();
    }

    /** Messages of awake sessions that are in the journal and not yet in M0. */
    public long unflushedMessages() {
        return unflushedMessages.sum();
    }
}
