package memfuse.actors.user;

import java.util.concurrent.atomic.LongAdder;

/** What the users of a node have awake and unflushed, and where their queries' answers come from. Safe for all threads. */
public final class UserCounters {
    private final LongAdder awakeSessions = new LongAdder();
    private final LongAdder unflushedMessages = new LongAdder();
    private final LongAdder exactHits = new LongAdder();
    private final LongAdder similarHits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    void sessionStarted() {
        awakeSessions.increment();
    }

    void sessionsEnded(int sessions) {
        awakeSessions.add(-sessions);
    }

    void unflushedChanged(long messages) {
        unflushedMessages.add(messages);
    }

    void answeredAsTheSameQuery() {
        exactHits.increment();
    }

    void answeredAsASimilarQuery() {
        similarHits.increment();
    }

    void searched() {
        misses.increment();
    }

    /** Queries answered from the cache as the same query. */
    public long exactHits() {
        return exactHits.sum();
    }

    /** Queries answered from the cache as a similar query that asks the same. */
    public long similarHits() {
        return similarHits.sum();
    }

    /** Queries that the cache had no answer for. */
    public long misses() {
        return misses.sum();
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
