package memfuse.cluster.http.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import memfuse.cluster.http.access.KeyRing.Known;
import memfuse.cluster.http.route.Caller;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryKeyStore;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeyRingTest {
    private static final Instant NOW = Instant.parse("2026-01-31T10:20:30.123456Z");
    private static final String ADMIN_KEY = "the-key-of-the-settings-0123456789";
    private static final long BOUND = KeyRing.MAX_UNCHECKED.toNanos();

    private final InMemoryDirectory directory = new InMemoryDirectory();
    private final CountedStore store = new CountedStore(new InMemoryKeyStore(directory));
    private final KeyRing here = ring();
    private final KeyRing elsewhere = ring();

    private KeyRing ring() {
        return new KeyRing(store, Runnable::run, new AccessSettings(true, Optional.of(ADMIN_KEY), 0), 0);
    }

    /** Fails while it is gone, and notes how many keys each call of {@code find} asked for. */
    private static final class CountedStore implements KeyStore {
        private final KeyStore store;
        private final List<Integer> finds = new ArrayList<>();
        private boolean gone;

        private CountedStore(KeyStore store) {
            this.store = store;
        }

        private KeyStore reached() {
            if (gone) {
                throw new StoreException("gone");
            }
            return store;
        }

        @Override
        public byte[] salt() {
            return reached().salt();
        }

        @Override
        public Created create(ApiKey key, KeyDigest digest) {
            return reached().create(key, digest);
        }

        @Override
        public List<ApiKey> ofUser(String userId) {
            return reached().ofUser(userId);
        }

        @Override
        public boolean delete(String userId, String keyId) {
            return reached().delete(userId, keyId);
        }

        @Override
        public long revision() {
            return reached().revision();
        }

        @Override
        public Found find(Collection<KeyDigest> digests) {
            finds.add(digests.size());
            return reached().find(digests);
        }
    }

    @BeforeEach
    void createUser() {
        directory.create(EntityKind.USER, new Entity("u", "u", null, NOW, NOW));
    }

    private KeyDigest create(String id, Permissions permissions) {
        KeyDigest digest = here.digest("text of " + id);
        assertThat(store.create(new ApiKey(id, "u", null, permissions, NOW, NOW.plusSeconds(60)), digest))
                .isEqualTo(KeyStore.Created.DONE);
        return digest;
    }

    private static Known lookUp(KeyRing ring, KeyDigest digest) {
        return ring.lookUp(digest).join().orElseThrow();
    }

    @Test
    void remembersAKeyOnceItWasLookedUp() {
        KeyDigest digest = create("k", Permissions.READ);
        assertThat(here.remembered(digest)).isNull();
        Known known = lookUp(here, digest);
        assertThat(known.id()).isEqualTo("k");
        assertThat(known.caller()).isEqualTo(new Caller("u", Permissions.READ, NOW.plusSeconds(60)));
        assertThat(known.expiresAtMillis()).isEqualTo(NOW.plusSeconds(60).toEpochMilli());
        assertThat(here.remembered(digest)).isEqualTo(known);
        assertThat(elsewhere.remembered(digest)).isNull();
    }

    @Test
    void bindsAKeyToItsUserUnlessItIsAnAdmins() {
        assertThat(lookUp(here, create("w", Permissions.WRITE)).caller().userId())
                .isEqualTo("u");
        assertThat(lookUp(here, create("a", Permissions.ADMIN)).caller().isBound())
                .isFalse();
    }

    @Test
    void remembersNothingOfAKeyThatIsNotThere() {
        KeyDigest digest = here.digest("nothing");
        assertThat(here.lookUp(digest).join()).isEmpty();
        assertThat(here.remembered(digest)).isNull();
    }

    @Test
    void forgetsADeletedKeyAtOnceWhereItWasDeletedAndWithTheNextCheckElsewhere() {
        KeyDigest deleted = create("k", Permissions.READ);
        KeyDigest kept = create("other", Permissions.READ);
        for (KeyRing ring : List.of(here, elsewhere)) {
            lookUp(ring, deleted);
            lookUp(ring, kept);
        }

        assertThat(here.delete("u", "k").join()).isTrue();
        assertThat(here.remembered(deleted)).isNull();
        assertThat(here.remembered(kept)).isNotNull();
        assertThat(elsewhere.remembered(deleted)).isNotNull();

        elsewhere.check(1);
        assertThat(elsewhere.remembered(deleted)).isNull();
        assertThat(elsewhere.remembered(kept)).isNotNull();
        assertThat(here.delete("u", "k").join()).isFalse();
    }

    @Test
    void forgetsTheKeysOfAnErasedUser() {
        KeyDigest digest = create("k", Permissions.READ_WRITE);
        lookUp(here, digest);
        new InMemoryLayerStore(directory, false).eraseUser("u");
        here.check(1);
        assertThat(here.remembered(digest)).isNull();
    }

    @Test
    void readsKeysAgainOnlyAfterADeletionAndOnlyOnce() {
        lookUp(here, create("k", Permissions.READ));
        create("gone", Permissions.READ);
        store.finds.clear();
        here.check(1);
        assertThat(store.finds).isEmpty();
        store.delete("u", "gone");
        here.check(2);
        here.check(3);
        assertThat(store.finds).containsExactly(1);
    }

    @Test
    void readsManyKeysInParts() {
        for (int user = 0; user < 13; user++) {
            String userId = "user " + user;
            directory.create(EntityKind.USER, new Entity(userId, userId, null, NOW, NOW));
            for (int i = 0; i < KeyStore.MAX_KEYS_OF_USER; i++) {
                KeyDigest digest = here.digest(userId + "-" + i);
                store.create(new ApiKey(userId + "-" + i, userId, null, Permissions.READ, NOW, null), digest);
                lookUp(here, digest);
            }
        }
        store.finds.clear();
        store.delete("user 7", "user 7-7");
        here.check(1);
        assertThat(store.finds).containsExactly(1000, 300);
        assertThat(here.remembered(here.digest("user 7-7"))).isNull();
        assertThat(here.remembered(here.digest("user 7-8"))).isNotNull();
    }

    @Test
    void trustsNothingRememberedWhereItCouldNotCheckForTooLong() {
        Known known = lookUp(here, create("k", Permissions.READ));
        assertThat(here.trusts(known, BOUND - 1)).isTrue();
        assertThat(here.trusts(known, BOUND)).isFalse();
        here.check(5);
        store.gone = true;
        assertThatThrownBy(() -> here.check(1000)).isInstanceOf(StoreException.class);
        assertThat(here.trusts(known, BOUND + 4)).isTrue();
        assertThat(here.trusts(known, BOUND + 5)).isFalse();
        store.gone = false;
        here.check(BOUND + 6);
        assertThat(here.trusts(known, BOUND + 7)).isTrue();
    }

    @Test
    void knowsTheKeyOfTheSettingsWithoutTheStore() {
        store.gone = true;
        KeyDigest digest = here.digest(ADMIN_KEY);
        Known known = here.remembered(digest);
        assertThat(here.isAdminKey(digest)).isTrue();
        assertThat(known).isNotNull();
        assertThat(known.caller()).isEqualTo(new Caller(null, Permissions.ADMIN, null));
        assertThat(here.trusts(known, 2 * BOUND)).isTrue();
        assertThat(here.isAdminKey(here.digest("another"))).isFalse();
    }

    @Test
    void looksAgainAfterAWatchThatFailed() {
        Known known = lookUp(here, create("k", Permissions.READ));
        long[] now = {BOUND};
        KeyWatch watch = new KeyWatch(here, () -> now[0]);
        store.gone = true;
        watch.run();
        watch.run();
        assertThat(here.trusts(known, now[0])).isFalse();
        store.gone = false;
        watch.run();
        assertThat(here.trusts(known, now[0])).isTrue();
    }
}
