package memfuse.cluster.membership;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Whether users may still live on this node, as far as it can tell by itself: others take them over a few seconds after
 * they last heard of it, and may have done so while it stood still or was cut off.
 *
 * <p>The node stops answering for its users well before the others can have begun, and goes on when it finds itself still
 * a member. So no two incarnations of a user answer at a time; what the earlier one still writes meets the journal's
 * fence. A node that is a cluster of its own answers always. Thread-safe; time is given, in nanoseconds.
 */
final class Tenure implements BooleanSupplier {
    /** Others give a node up four seconds after its last heartbeat, which may be half a second before it stood still. */
    static final Duration LONGEST_PAUSE = Duration.ofMillis(2500);

    /** After a longer pause: until the node has heard that it was given up, or sees all others and was not. */
    static final Duration DOUBT = Duration.ofSeconds(10);

    /** Without most of the others; those see that as soon, give or take a second, and wait for two seconds. */
    static final Duration LONGEST_ISOLATION = Duration.ofMillis(500);

    private static final long NEVER = Long.MIN_VALUE;

    private final LongSupplier nanoTime;
    private volatile boolean alone = true;
    private volatile boolean over;
    private volatile long lastBeatNanos;
    private volatile long doubtedSinceNanos = NEVER;
    private volatile long isolatedSinceNanos = NEVER;

    Tenure(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastBeatNanos = nanoTime.getAsLong();
    }

    /** To be called several times a second, for as long as the node does not stand still. */
    void beat() {
        long now = nanoTime.getAsLong();
        if (now - lastBeatNanos > LONGEST_PAUSE.toNanos()) {
            doubtedSinceNanos = now;
        }
        lastBeatNanos = now;
    }

    /**
     * The node has heard of the others.
     *
     * @param nowAlone there are none
     * @param isolated it does not reach most of them
     */
    void see(boolean nowAlone, boolean isolated) {
        alone = nowAlone;
        if (!isolated) {
            isolatedSinceNanos = NEVER;
        } else if (isolatedSinceNanos == NEVER) {
            isolatedSinceNanos = nanoTime.getAsLong();
        }
    }

    /** The node is given up by the others. */
    void end() {
        over = true;
    }

    @Override
    public boolean getAsBoolean() {
        if (over) {
            return false;
        }
        if (alone) {
            return true;
        }
        long now = nanoTime.getAsLong();
        return now - lastBeatNanos <= LONGEST_PAUSE.toNanos()
                && isOver(doubtedSinceNanos, DOUBT, now)
                && (isolatedSinceNanos == NEVER || !isOver(isolatedSinceNanos, LONGEST_ISOLATION, now));
    }

    private static boolean isOver(long sinceNanos, Duration limit, long now) {
        return sinceNanos == NEVER || now - sinceNanos > limit.toNanos();
    }
}
