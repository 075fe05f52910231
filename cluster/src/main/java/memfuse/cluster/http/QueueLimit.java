package memfuse.cluster.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How many requests of one route a node takes on at a time: as many as it answers without a standing queue.
 *
 * <p>A queue stands when the requests of a whole window were answered, on the average, later than the longest queueing time
 * after what a request takes when there is next to nothing else to do. Then the limit is what is answered in the longest
 * queueing time (Little's law). In windows in which the limit was reached and no queue stood it grows by a tenth, up to the
 * largest; when it is not reached, it goes back to the one it began with. Where nothing is answered nothing is learned, and
 * it stays. (The idea is that of Nichols and Jacobson, "Controlling Queue Delay", 2012, who go by the shortest time in a
 * window. Requests are no packets that leave in the order in which they came: some are quick in the worst of queues.)
 *
 * <p>An owner may have as many requests in work as there are places left, so that one who sends many leaves places for
 * others. Times are those of {@link System#nanoTime()} or of any clock that does not go back. Safe for all threads.
 */
final class QueueLimit {
    static final long WINDOW_NANOS = Duration.ofMillis(100).toNanos();

    /** Never less are taken on. */
    static final int LEAST = 64;

    /** Taken on at first, and when nothing is known of a queue. */
    static final int USUAL = 256;

    /** Never more are taken on; the node has a bound of its own. */
    static final int MOST = 16_384;

    /** With so many in work or fewer, a request takes what it takes alone. */
    private static final int NEXT_TO_NOTHING = 4;

    private static final double GROWTH = 1.1;
    private static final double RETURN = 0.1;
    private static final double LEARNING = 0.05;

    private final long longestQueueNanos;

    // Guarded by this.
    private final Map<String, Integer> ofOwners = new HashMap<>();
    private double limit;
    private int inWork;
    private double aloneNanos = Double.NaN;
    private long windowStart;
    private int answered;
    private long tookNanos;
    private boolean reached;

    /** A limit that has seen nothing yet. */
    QueueLimit(Duration longestQueue, long nowNanos) {
        this.longestQueueNanos = longestQueue.toNanos();
        this.limit = USUAL;
        this.windowStart = nowNanos;
    }

    /** A request that was taken on, to be given back with {@link #leave}. */
    record Place(@Nullable String owner, long sinceNanos, boolean alone) {}

    /**
     * Takes a request on, or returns null.
     *
     * @param owner who shares the places with others, or null
     */
    synchronized @Nullable Place tryEnter(@Nullable String owner, long nowNanos) {
        endWindow(nowNanos);
        int own = owner == null ? 0 : ofOwners.getOrDefault(owner, 0);
        if (own >= (int) limit - inWork) {
            reached = true;
            return null;
        }
        boolean alone = inWork < NEXT_TO_NOTHING;
        inWork++;
        if (owner != null) {
            ofOwners.put(owner, own + 1);
        }
        return new Place(owner, nowNanos, alone);
    }

    /**
     * Gives a place back.
     *
     * @param tells whether the time it took tells of a queue; not where the client asked to be kept waiting
     */
    synchronized void leave(Place place, boolean tells, long nowNanos) {
        inWork--;
        if (place.owner() != null) {
            ofOwners.computeIfPresent(place.owner(), (owner, own) -> own == 1 ? null : own - 1);
        }
        if (tells) {
            long took = nowNanos - place.sinceNanos();
            answered++;
            tookNanos += took;
            if (place.alone()) {
                learn(took);
            }
        }
        endWindow(nowNanos);
    }

    /** Down at once, and up slowly: what was slow may have waited for something else. */
    private void learn(long took) {
        aloneNanos = Double.isNaN(aloneNanos) || took < aloneNanos ? took : aloneNanos + LEARNING * (took - aloneNanos);
    }

    private void endWindow(long nowNanos) {
        long length = nowNanos - windowStart;
        if (length < WINDOW_NANOS) {
            return;
        }
        double longest = longestQueueNanos + (Double.isNaN(aloneNanos) ? 0 : aloneNanos);
        if (answered > 0 && tookNanos > answered * longest) {
            double answeredMeanwhile = answered * longest / length;
            limit = Math.max(LEAST, Math.min(limit, answeredMeanwhile));
        } else if (reached && answered > 0) {
            limit = Math.min(MOST, limit * GROWTH);
        } else if (!reached && (answered > 0 || inWork == 0)) {
            limit += RETURN * (USUAL - limit);
        }
        windowStart = nowNanos;
        answered = 0;
        tookNanos = 0;
        reached = false;
    }

    synchronized int limit() {
        return (int) limit;
    }

    synchronized int inWork() {
        return inWork;
    }
}
