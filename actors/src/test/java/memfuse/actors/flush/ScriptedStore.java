package memfuse.actors.flush;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.StoreException;

/** A store that keeps only a record of the flushes it was given; thread-safe. */
final class ScriptedStore implements Consumer<List<SessionFlush>> {
    private static final long LIMIT_SECONDS = 30;

    private final List<List<String>> tried = new ArrayList<>();
    private final Set<String> poisoned = new HashSet<>();
    private final Semaphore entered = new Semaphore(0);
    private final Semaphore gate = new Semaphore(0);
    private boolean holding;
    private boolean refusing;
    private int writing;
    private int mostWriting;
    private int written;

    /** Whatever is flushed together with this session fails. */
    synchronized void poison(String sessionId) {
        poisoned.add(sessionId);
    }

    /** Every flush fails. */
    synchronized void refuseAll() {
        refusing = true;
    }

    synchronized void heal() {
        refusing = false;
        poisoned.clear();
    }

    /** Forgets the flushes so far. */
    synchronized void forget() {
        tried.clear();
        written = 0;
        entered.drainPermits();
        mostWriting = 0;
    }

    /** Flushes wait from now on, each for one {@link #letPass}. */
    synchronized void hold() {
        holding = true;
    }

    /** Flushes wait no longer. */
    synchronized void letAllPass() {
        holding = false;
        gate.release(1_000_000);
    }

    void letPass() {
        gate.release();
    }

    /** Waits until one more flush has begun than was awaited before. */
    void awaitFlush() {
        acquire(entered, "no flush came");
    }

    /** The sessions of each flush that has begun. */
    synchronized List<List<String>> tried() {
        return List.copyOf(tried);
    }

    /** How often a session's flush has begun. */
    long tries(String sessionId) {
        return tried().stream().filter(batch -> batch.contains(sessionId)).count();
    }

    /** Flushes of sessions that were stored. */
    synchronized int written() {
        return written;
    }

    /** The most flushes that were under way at a time. */
    synchronized int mostWriting() {
        return mostWriting;
    }

    @Override
    public void accept(List<SessionFlush> flushes) {
        List<String> sessions = flushes.stream().map(SessionFlush::sessionId).toList();
        boolean wait;
        synchronized (this) {
            tried.add(sessions);
            mostWriting = Math.max(mostWriting, ++writing);
            wait = holding;
        }
        entered.release();
        if (wait) {
            acquire(gate, "the flush was not let pass");
        }
        synchronized (this) {
            writing--;
            if (refusing || sessions.stream().anyMatch(poisoned::contains)) {
                throw new StoreException("scripted: poisoned");
            }
            written += sessions.size();
        }
    }

    private static void acquire(Semaphore semaphore, String otherwise) {
        try {
            if (!semaphore.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new StoreException(otherwise);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(otherwise, e);
        }
    }
}
