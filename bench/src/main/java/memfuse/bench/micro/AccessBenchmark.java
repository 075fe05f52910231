package memfuse.bench.micro;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.http.access.AccessSettings;
import memfuse.cluster.http.access.Gate;
import memfuse.cluster.http.access.KeyRing;
import memfuse.cluster.http.access.KeyWatch;
import memfuse.cluster.http.access.Verdict;
import memfuse.cluster.http.access.Verdict.Pass;
import memfuse.cluster.http.access.Verdict.Wait;
import memfuse.cluster.http.route.Caller;
import memfuse.cluster.http.route.Need;
import memfuse.cluster.http.route.Need.Decision;
import memfuse.cluster.http.route.Owner;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.Permissions;
import org.apache.pekko.http.javadsl.model.AttributeKeys;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.RemoteAddress;
import org.apache.pekko.http.javadsl.model.headers.Authorization;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does it cost to let a request in? The decision alone, and all that the gate does: with 10,000 keys in use, each
 * request with another one, and without keys, with the rate limit and without.
 *
 * <p>{@code java -cp bench/target/memfuse-bench.jar org.openjdk.jmh.Main AccessBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class AccessBenchmark {
    private static final int KEYS = 10_000;
    private static final int NEVER_REACHED_PER_MINUTE = 10_000_000;
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Need need = Need.read(Owner.USER_IN_PATH);
    private final String[] texts = new String[KEYS];
    private final Caller[] callers = new Caller[KEYS];
    private final List<List<String>> paths = new ArrayList<>();
    private final HttpRequest[] requests = new HttpRequest[KEYS];
    private final MapStore store = new MapStore();
    private final KeyRing keys = new KeyRing(store, Runnable::run, settings(true, 0), System.nanoTime());
    private final Gate withKeys = gate(settings(true, NEVER_REACHED_PER_MINUTE));
    private final Gate withoutKeys = gate(settings(false, NEVER_REACHED_PER_MINUTE));
    private final Gate open = gate(settings(false, 0));
    private int next;

    private static AccessSettings settings(boolean keysNeeded, int requestsPerMinute) {
        return new AccessSettings(keysNeeded, Optional.of("the-key-of-the-settings-0123456789"), requestsPerMinute);
    }

    private Gate gate(AccessSettings settings) {
        return new Gate(settings, keys, InstantSource.system(), System::nanoTime);
    }

    /** Each user has a key and an address. */
    @Setup
    public void useEveryKeyOnce() {
        for (int i = 0; i < KEYS; i++) {
            String text = "key-%032d".formatted(i);
            texts[i] = text;
            String userId = new UUID(1, i).toString();
            ApiKey key = new ApiKey(new UUID(2, i).toString(), userId, null, Permissions.READ_WRITE, NOW, null);
            store.create(key, keys.digest(text));
            callers[i] = new Caller(userId, key.permissions(), null);
            paths.add(List.of(new UUID(1, i).toString()));
            requests[i] = HttpRequest.POST("/api/v1/users/" + userId + "/query")
                    .addHeader(RawHeader.create("User-Agent", "python-requests/2.32.3"))
                    .addHeader(RawHeader.create("Accept", "*/*"))
                    .addHeader(Authorization.oauth2(text))
                    .addAttribute(
                            AttributeKeys.remoteAddress,
                            RemoteAddress.create(new byte[] {10, 0, (byte) (i >> 8), (byte) i}));
            Verdict verdict = withKeys.check(need, paths.get(i), requests[i]);
            if (!(verdict instanceof Wait wait && wait.verdict().join() instanceof Pass)) {
                throw new IllegalStateException("not let in: " + verdict);
            }
        }
    }

    /** As every second on a node; without it, keys are trusted for ten. */
    @Setup(Level.Iteration)
    public void checkKeys() {
        new KeyWatch(keys, System::nanoTime).run();
    }

    private int next() {
        next = next + 1 < KEYS ? next + 1 : 0;
        return next;
    }

    @Benchmark
    public Decision decision() {
        int i = next();
        return need.decide(callers[i], paths.get(i));
    }

    @Benchmark
    public KeyDigest digest() {
        return keys.digest(texts[next()]);
    }

    @Benchmark
    public Verdict gateWithKeys() {
        int i = next();
        return withKeys.check(need, paths.get(i), requests[i]);
    }

    @Benchmark
    public Verdict gateWithoutKeys() {
        int i = next();
        return withoutKeys.check(need, paths.get(i), requests[i]);
    }

    @Benchmark
    public Verdict gateWithoutKeysAndRate() {
        int i = next();
        return open.check(need, paths.get(i), requests[i]);
    }

    /** Keys by their digests, and nothing else of a store. */
    private static final class MapStore implements KeyStore {
        private final Map<KeyDigest, ApiKey> keys = new HashMap<>();

        @Override
        public byte[] salt() {
            return new byte[32];
        }

        @Override
        public Created create(ApiKey key, KeyDigest digest) {
            return keys.putIfAbsent(digest, key) == null ? Created.DONE : Created.TAKEN;
        }

        @Override
        public List<ApiKey> ofUser(String userId) {
            return keys.values().stream()
                    .filter(key -> userId.equals(key.userId()))
                    .toList();
        }

        @Override
        public boolean delete(String userId, String keyId) {
            return keys.values().removeIf(key -> userId.equals(key.userId()) && keyId.equals(key.id()));
        }

        @Override
        public long revision() {
            return 0;
        }

        @Override
        public Found find(Collection<KeyDigest> digests) {
            Map<KeyDigest, ApiKey> found = new HashMap<>();
            digests.forEach(digest -> found.computeIfAbsent(digest, keys::get));
            return new Found(0, found);
        }
    }
}
