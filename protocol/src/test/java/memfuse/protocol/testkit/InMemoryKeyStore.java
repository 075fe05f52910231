package memfuse.protocol.testkit;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.directory.EntityKind;

/** A {@link KeyStore} in memory beside a directory, whose users it looks at; thread-safe. */
public final class InMemoryKeyStore implements KeyStore {
    private static final byte[] SALT = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    private final InMemoryDirectory directory;
    private final Map<KeyDigest, ApiKey> keys = new LinkedHashMap<>();
    private long revision;

    public InMemoryKeyStore(InMemoryDirectory directory) {
        this.directory = directory;
    }

    @Override
    public byte[] salt() {
        return SALT.clone();
    }

    @Override
    public synchronized Created create(ApiKey key, KeyDigest digest) {
        dropKeysOfErasedUsers();
        if (!exists(key.userId())) {
            return Created.NO_SUCH_USER;
        }
        if (ofUser(key.userId()).size() >= MAX_KEYS_OF_USER) {
            return Created.TOO_MANY;
        }
        boolean idTaken = keys.values().stream().anyMatch(there -> there.id().equals(key.id()));
        return !idTaken && keys.putIfAbsent(digest, key) == null ? Created.DONE : Created.TAKEN;
    }

    @Override
    public synchronized List<ApiKey> ofUser(String userId) {
        dropKeysOfErasedUsers();
        return keys.values().stream()
                .filter(key -> key.userId().equals(userId))
                .sorted(Comparator.comparing(ApiKey::createdAt).thenComparing(ApiKey::id))
                .toList();
    }

    @Override
    public synchronized boolean delete(String userId, String keyId) {
        dropKeysOfErasedUsers();
        boolean deleted = keys.values()
                .removeIf(key -> key.userId().equals(userId) && key.id().equals(keyId));
        revision += deleted ? 1 : 0;
        return deleted;
    }

    @Override
    public synchronized long revision() {
        dropKeysOfErasedUsers();
        return revision;
    }

    @Override
    public synchronized Found find(Collection<KeyDigest> digests) {
        dropKeysOfErasedUsers();
        Map<KeyDigest, ApiKey> found = new HashMap<>(keys);
        found.keySet().retainAll(digests);
        return new Found(revision, found);
    }

    private void dropKeysOfErasedUsers() {
        if (keys.values().removeIf(key -> !exists(key.userId()))) {
            revision++;
        }
    }

    private boolean exists(String userId) {
        return directory.find(EntityKind.USER, userId).isPresent();
    }
}
