package memfuse.cluster.http.backend;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.http.javadsl.model.AttributeKey;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes of large answers that this node is reading or sending, against a bound. Safe for all threads.
 *
 * <p>An answer is counted from before its texts are read until it is sent, first by what it is to have and then by what it
 * has. Small answers are not counted: requests in work bound them.
 */
public final class AnswerBytes {
    /** Smaller answers are not counted. */
    public static final int COUNTED_FROM = 16 << 10;

    /** The share of an answer that has one before it is sent. */
    static final AttributeKey<Share> SHARE = AttributeKey.create("memfuse-answer-share", Share.class);

    private final long maxAnswerBytes;
    private final long maxBytes;
    private final AtomicLong taken = new AtomicLong();

    /**
     * @param maxAnswerBytes of one answer
     * @param maxBytes of all of them
     */
    public AnswerBytes(long maxAnswerBytes, long maxBytes) {
        this.maxAnswerBytes = Math.min(maxAnswerBytes, maxBytes);
        this.maxBytes = maxBytes;
    }

    /** What one answer has, until it is given back. */
    public final class Share {
        private final AtomicBoolean givenBack = new AtomicBoolean();
        private final AtomicLong bytes;

        private Share(long bytes) {
            this.bytes = new AtomicLong(bytes);
        }

        /** The answer has so many bytes, whatever the bound is: they are there already. */
        public void resize(long actual) {
            taken.addAndGet(actual - bytes.getAndSet(actual));
        }

        /** The answer needs no room any more; said again, nothing. */
        public void giveBack() {
            if (givenBack.compareAndSet(false, true)) {
                taken.addAndGet(-bytes.get());
            }
        }
    }

    /** The largest answer that is given. */
    public long maxAnswerBytes() {
        return maxAnswerBytes;
    }

    /** Bytes of large answers in work now. */
    public long bytes() {
        return taken.get();
    }

    /** Room for an answer, or null where there is none now; alone, each has room. */
    public @Nullable Share tryTake(long bytes) {
        long before = taken.getAndAdd(bytes);
        if (before > 0 && before + bytes > maxBytes) {
            taken.addAndGet(-bytes);
            return null;
        }
        return new Share(bytes);
    }
}
