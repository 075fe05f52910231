package memfuse.cluster.http.access;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bucket of tokens for each client: a request takes one, and they come back evenly. Safe for all threads.
 *
 * <p>A bucket is one number, the time at which it will be full again. A full one is as good as none, so those are dropped
 * when there are too many; clients that find no place even then share one bucket.
 *
 * <p>Times are those of {@link System#nanoTime()} or of any clock that starts anywhere and does not go back.
 */
final class TokenBuckets {
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();
    private static final long SWEEP_INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

    private final long nanosPerToken;
    private final long nanosPerBucket;
    private final int maxClients;
    private final ConcurrentHashMap<Object, AtomicLong> fullAt = new ConcurrentHashMap<>();
    private final AtomicLong sharedFullAt;
    private final AtomicLong sweptAt;

    /**
     * Buckets that are full at first.
     *
     * @param perMinute tokens that a bucket holds, and that come back in a minute
     * @param maxClients buckets that are kept
     */
    TokenBuckets(int perMinute, int maxClients, long nowNanos) {
        nanosPerToken = MINUTE_NANOS / perMinute;
        nanosPerBucket = nanosPerToken * perMinute;
        this.maxClients = maxClients;
        sharedFullAt = new AtomicLong(nowNanos);
        sweptAt = new AtomicLong(nowNanos - SWEEP_INTERVAL_NANOS);
    }

    /** Takes a token and returns 0, or takes none and returns the nanoseconds until there is one. */
    long take(Object client, long nowNanos) {
        AtomicLong bucket = fullAt.get(client);
        if (bucket == null) {
            bucket = newBucket(client, nowNanos);
        }
        while (true) {
            long full = bucket.get();
            long from = full - nowNanos > 0 ? full : nowNanos;
            long missingNanos = from + nanosPerToken - nowNanos - nanosPerBucket;
            if (missingNanos > 0) {
                return missingNanos;
            }
            if (bucket.compareAndSet(full, from + nanosPerToken)) {
                return 0;
            }
        }
    }

    private AtomicLong newBucket(Object client, long nowNanos) {
        if (fullAt.mappingCount() >= maxClients) {
            sweep(nowNanos);
            if (fullAt.mappingCount() >= maxClients) {
                return sharedFullAt;
            }
        }
        return fullAt.computeIfAbsent(client, absent -> new AtomicLong(nowNanos));
    }

    private void sweep(long nowNanos) {
        long last = sweptAt.get();
        if (nowNanos - last >= SWEEP_INTERVAL_NANOS && sweptAt.compareAndSet(last, nowNanos)) {
            fullAt.values().removeIf(full -> full.get() - nowNanos <= 0);
        }
    }

    long clients() {
        return fullAt.mappingCount();
    }
}
