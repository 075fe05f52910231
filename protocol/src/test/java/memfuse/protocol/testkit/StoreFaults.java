package memfuse.protocol.testkit;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** The script of what goes wrong in an {@link InMemoryLayerStore}; each fault is used up by the calls it hits. */
public final class StoreFaults {
    /** How long a held call waits for its release before it fails. */
    private static final long HOLD_LIMIT_SECONDS = 30;

    private final List<Runnable> beforeFlush = new ArrayList<>();
    private final Set<UnitKey> refusedVectors = new HashSet<>();
    private int failingFlushes;
    private int failingOthers;
    private int lostAcknowledgements;
    private @Nullable Hold hold;

    /** Runs {@code action} before every flush from now on, on the flushing thread. */
    public synchronized void beforeFlush(Runnable action) {
        beforeFlush.add(action);
    }

    /** The next {@code count} flushes fail and write nothing. */
    public synchronized void failNextFlushes(int count) {
        failingFlushes = count;
    }

    /** The next {@code count} calls other than flushes fail and do nothing. */
    public synchronized void failNextOthers(int count) {
        failingOthers = count;
    }

    /** The next {@code count} flushes are written, and fail all the same. */
    public synchronized void loseAcknowledgements(int count) {
        lostAcknowledgements = count;
    }

    /** No call that stores an embedding of this unit is taken, ever. */
    public synchronized void refuseVectorOf(UnitKey key) {
        refusedVectors.add(key);
    }

    /** Holds all flushes from now on, before they write anything, until the hold is released. */
    public synchronized Hold holdFlushes() {
        hold = new Hold();
        return hold;
    }

    void enterFlush() {
        List<Runnable> actions;
        Hold current;
        synchronized (this) {
            actions = List.copyOf(beforeFlush);
            current = hold;
        }
        actions.forEach(Runnable::run);
        if (current != null) {
            current.pass();
        }
        synchronized (this) {
            if (failingFlushes > 0) {
                failingFlushes--;
                throw new StoreException("scripted: the flush fails");
            }
        }
    }

    synchronized void leaveFlush() {
        if (lostAcknowledgements > 0) {
            lostAcknowledgements--;
            throw new StoreException("scripted: the flush is written, its acknowledgement lost");
        }
    }

    synchronized void enterVectors(List<UnitVector> vectors) {
        enterOther();
        if (vectors.stream().map(UnitVector::key).anyMatch(refusedVectors::contains)) {
            throw new StoreException("scripted: an embedding is refused");
        }
    }

    synchronized void enterOther() {
        if (failingOthers > 0) {
            failingOthers--;
            throw new StoreException("scripted: the call fails");
        }
    }

    private static void await(CountDownLatch latch, String what) {
        try {
            if (!latch.await(HOLD_LIMIT_SECONDS, TimeUnit.SECONDS)) {
                throw new StoreException(what + ": waited " + HOLD_LIMIT_SECONDS + " s in vain");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(what + ": interrupted", e);
        }
    }

    /** Flushes that are held open. */
    public static final class Hold {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Hold() {}

        /** Waits until a flush is held. */
        public void awaitFlush() {
            await(arrived, "no flush came");
        }

        /** Lets all held flushes go on; later ones are not held. */
        public void release() {
            released.countDown();
        }

        private void pass() {
            arrived.countDown();
            await(released, "the flush was not released");
        }
    }
}
