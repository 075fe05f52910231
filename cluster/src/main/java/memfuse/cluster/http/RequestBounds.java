package memfuse.cluster.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what is in work on this node, requests and bytes of bodies, against two bounds. Safe for all threads. */
final class RequestBounds {
    private final int maxRequests;
    private final long maxBytes;
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    RequestBounds(int maxRequests, long maxBytes) {
        this.maxRequests = maxRequests;
        this.maxBytes = maxBytes;
    }

    /** What {@link #enter} says. */
    enum Entry {
        ENTERED,
        TOO_MANY_REQUESTS,
        TOO_MANY_BYTES
    }

    /** Takes a place, or none; whoever {@code ENTERED} gives it back with {@link #leave}. */
    Entry enter(long bodyBytes) {
        if (requests.incrementAndGet() > maxRequests) {
            requests.decrementAndGet();
            return Entry.TOO_MANY_REQUESTS;
        }
        if (bytes.addAndGet(bodyBytes) > maxBytes) {
            leave(bodyBytes);
            return Entry.TOO_MANY_BYTES;
        }
        return Entry.ENTERED;
    }

    /** Requests in work now. */
    int requests() {
        return requests.get();
    }

    /** Bytes of bodies in work now. */
    long bytes() {
        return bytes.get();
    }

    void leave(long bodyBytes) {
        requests.decrementAndGet();
        bytes.addAndGet(-bodyBytes);
    }
}
