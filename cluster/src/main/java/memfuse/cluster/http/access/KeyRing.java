package memfuse.cluster.http.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import memfuse.cluster.http.route.Caller;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.KeyStore.Found;
import memfuse.protocol.auth.Permissions;
import org.jspecify.annotations.Nullable;

/**
 * The keys that are in use on this node, remembered by their digests; the store is asked for others.
 *
 * <p>A remembered key may have been deleted on another node. Each is kept with the store's revision at which it was read,
 * and {@link #check} reads those again that are older than the store's. Where no check has succeeded for
 * {@link #MAX_UNCHECKED}, what is remembered is not {@link #trusts trusted} any more.
 */
public final class KeyRing {
    /** How long a deleted key can go on working on a node that does not reach the store. */
    static final Duration MAX_UNCHECKED = Duration.ofSeconds(10);

    private static final int MAX_KEYS = 100_000;
    private static final int MAX_KEYS_IN_A_READ = 1000;
    private static final Duration REMEMBERED_UNUSED = Duration.ofHours(1);

    private final KeyStore store;
    private final Executor blocking;
    private final KeyHasher hasher;
    private final @Nullable KeyDigest adminDigest;
    private final Cache<KeyDigest, Known> known;
    private volatile long checkedAtNanos;

    /**
     * A key in use.
     *
     * @param id the key's id; tells keys apart and is no secret
     * @param revision the store's, when the key was read
     */
    record Known(String id, Caller caller, long expiresAtMillis, long revision) {}

    /** The key in the settings, which the store does not have and nobody can delete. */
    private static final Known ADMIN_KEY =
            new Known("settings", new Caller(null, Permissions.ADMIN, null), Long.MAX_VALUE, Long.MAX_VALUE);

    /**
     * An empty ring; reads the store's salt.
     *
     * @param blocking runs the store's calls
     */
    public KeyRing(KeyStore store, Executor blocking, AccessSettings settings, long nowNanos) {
        this.store = store;
        this.blocking = blocking;
        hasher = new KeyHasher(store.salt());
        adminDigest = settings.adminKey().map(hasher::digest).orElse(null);
        // Evicts on the thread that writes: the default executor is the common pool.
        known = Caffeine.newBuilder()
                .maximumSize(MAX_KEYS)
                .expireAfterAccess(REMEMBERED_UNUSED)
                .executor(Runnable::run)
                .build();
        checkedAtNanos = nowNanos;
    }

    public KeyDigest digest(String key) {
        return hasher.digest(key);
    }

    /** Whether it is the digest of the key in the settings, which the store does not know. */
    public boolean isAdminKey(KeyDigest digest) {
        return adminDigest != null && adminDigest.equals(digest);
    }

    /** What {@code call} makes of the store; never throws by itself. */
    public <T> CompletableFuture<T> ask(Function<KeyStore, T> call) {
        try {
            return CompletableFuture.supplyAsync(() -> call.apply(store), blocking);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** Deletes a key in the store, and here at once. */
    public CompletableFuture<Boolean> delete(String userId, String keyId) {
        return ask(all -> all.delete(userId, keyId)).thenApply(deleted -> {
            known.asMap().values().removeIf(key -> key.id().equals(keyId));
            return deleted;
        });
    }

    /** The key of this digest as it is remembered, or null. */
    @Nullable
    Known remembered(KeyDigest digest) {
        return isAdminKey(digest) ? ADMIN_KEY : known.getIfPresent(digest);
    }

    /** Whether a remembered key can be taken for one that exists. */
    boolean trusts(Known key, long nowNanos) {
        return nowNanos - checkedAtNanos < MAX_UNCHECKED.toNanos() || key.equals(ADMIN_KEY);
    }

    /** The key of this digest as the store has it, from now on remembered. */
    CompletableFuture<Optional<Known>> lookUp(KeyDigest digest) {
        return ask(all -> {
            Found found = all.find(List.of(digest));
            Optional<Known> key = Optional.ofNullable(found.keys().get(digest)).map(there -> known(there, found));
            key.ifPresent(there -> known.put(digest, there));
            return key;
        });
    }

    /** Forgets the remembered keys that are gone from the store; blocking. */
    void check(long nowNanos) {
        long revision = store.revision();
        List<KeyDigest> older = new ArrayList<>();
        known.asMap().forEach((digest, key) -> {
            if (key.revision() < revision) {
                older.add(digest);
            }
        });
        for (int from = 0; from < older.size(); from += MAX_KEYS_IN_A_READ) {
            readAgain(older.subList(from, Math.min(from + MAX_KEYS_IN_A_READ, older.size())));
        }
        checkedAtNanos = nowNanos;
    }

    private void readAgain(List<KeyDigest> digests) {
        Found found = store.find(digests);
        Map<KeyDigest, ApiKey> there = found.keys();
        for (KeyDigest digest : digests) {
            known.asMap()
                    .computeIfPresent(
                            digest, (same, old) -> there.containsKey(digest) ? known(there.get(digest), found) : null);
        }
    }

    private static Known known(ApiKey key, Found found) {
        Caller caller = new Caller(key.permissions().admin() ? null : key.userId(), key.permissions(), key.expiresAt());
        long expiresAtMillis =
                key.expiresAt() == null ? Long.MAX_VALUE : key.expiresAt().toEpochMilli();
        return new Known(key.id(), caller, expiresAtMillis, found.revision());
    }
}
