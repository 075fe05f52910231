package memfuse.cluster.http.access;

import java.time.InstantSource;
import java.util.List;
import java.util.function.LongSupplier;
import memfuse.cluster.http.access.KeyRing.Known;
import memfuse.cluster.http.access.Verdict.Pass;
import memfuse.cluster.http.access.Verdict.Stop;
import memfuse.cluster.http.access.Verdict.Wait;
import memfuse.cluster.http.output.Refusals;
import memfuse.cluster.http.route.Caller;
import memfuse.cluster.http.route.Need;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyText;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.jspecify.annotations.Nullable;

/**
 * Lets requests in or refuses them: by their key, what it permits and whose data it reaches, and by how many came before.
 * Safe for all threads, never blocks.
 *
 * <p>Keys are looked up in the store only when they are not in use yet, and how often an address may cause that is
 * bounded, so that guessing keys is slow and no burden.
 */
public final class Gate {
    private static final int MAX_CLIENTS = 100_000;
    private static final int LOOK_UPS_PER_MINUTE = 600;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final String UNKNOWN_ADDRESS = "unknown";
    private static final Pass ANYONE = new Pass(Caller.ANYONE);

    private final KeyRing keys;
    private final boolean keysNeeded;
    private final @Nullable TokenBuckets requests;
    private final TokenBuckets lookUps;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /**
     * A gate for the requests of one node.
     *
     * @param clock tells whether a key has expired
     * @param nanoTime the time that passes, as {@link System#nanoTime()}
     */
    public Gate(AccessSettings settings, KeyRing keys, InstantSource clock, LongSupplier nanoTime) {
        this.keys = keys;
        this.keysNeeded = settings.keysNeeded();
        this.clock = clock;
        this.nanoTime = nanoTime;
        long now = nanoTime.getAsLong();
        int perMinute = settings.requestsPerMinute();
        requests = perMinute == 0 ? null : new TokenBuckets(perMinute, MAX_CLIENTS, now);
        lookUps = new TokenBuckets(LOOK_UPS_PER_MINUTE, MAX_CLIENTS, now);
    }

    /**
     * Decides on a request.
     *
     * @param variables of the request's path
     */
    public Verdict check(Need need, List<String> variables, HttpRequest request) {
        if (!need.key()) {
            return ANYONE;
        }
        if (!keysNeeded) {
            return withoutKeys(request);
        }
        String key = Credentials.keyOf(request);
        if (key == null) {
            return new Stop(Refusals.keyMissing());
        }
        KeyDigest digest = keys.digest(key);
        Known known = keys.remembered(digest);
        if (known == null) {
            return KeyText.isAllowed(key)
                    ? lookedUp(digest, need, variables, request)
                    : new Stop(Refusals.keyMalformed());
        }
        long now = nanoTime.getAsLong();
        return keys.trusts(known, now)
                ? decide(known, need, variables, now)
                : new Stop(Refusals.unavailable("API keys cannot be checked now"));
    }

    private Verdict lookedUp(KeyDigest digest, Need need, List<String> variables, HttpRequest request) {
        long waitNanos = lookUps.take(addressOf(request), nanoTime.getAsLong());
        if (waitNanos > 0) {
            return new Stop(Refusals.tooManyUnknownKeys(seconds(waitNanos)));
        }
        return new Wait(keys.lookUp(digest)
                .thenApply(found -> found.map(known -> decide(known, need, variables, nanoTime.getAsLong()))
                        .orElseGet(() -> new Stop(Refusals.keyUnknown()))));
    }

    private Verdict decide(Known known, Need need, List<String> variables, long nowNanos) {
        if (known.expiresAtMillis() < Long.MAX_VALUE && known.expiresAtMillis() <= clock.millis()) {
            return new Stop(Refusals.keyUnknown());
        }
        long waitNanos = requests == null ? 0 : requests.take(known.id(), nowNanos);
        if (waitNanos > 0) {
            return new Stop(Refusals.tooManyRequests(seconds(waitNanos)));
        }
        return switch (need.decide(known.caller(), variables)) {
            case ALLOWED -> new Pass(known.caller());
            case NOT_PERMITTED -> new Stop(Refusals.notPermitted(need.permissions()));
            case OTHER_USER -> new Stop(Refusals.otherUser());
        };
    }

    private Verdict withoutKeys(HttpRequest request) {
        long waitNanos = requests == null ? 0 : requests.take(addressOf(request), nanoTime.getAsLong());
        return waitNanos > 0 ? new Stop(Refusals.tooManyRequests(seconds(waitNanos))) : ANYONE;
    }

    private static Object addressOf(HttpRequest request) {
        return request.getAttribute(AttributeKeys.remoteAddress)
                .flatMap(RemoteAddress::getAddress)
                .<Object>map(address -> address)
                .orElse(UNKNOWN_ADDRESS);
    }

    /** Whole seconds, none of them too early. */
    private static long seconds(long nanos) {
        return Math.floorDiv(nanos - 1, NANOS_PER_SECOND) + 1;
    }
}
