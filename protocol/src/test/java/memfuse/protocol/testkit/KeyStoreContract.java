package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.IntStream;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.KeyStore.Created;
import memfuse.protocol.auth.Permissions;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.store.LayerStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link KeyStore} keeps. */
public abstract class KeyStoreContract {
    private static final Instant T0 = Instant.parse("2026-01-02T03:04:05.123456Z");

    /** A store without keys; the same one within a test. */
    protected abstract KeyStore keys();

    /** The directory of its users, empty. */
    protected abstract Directory directory();

    /** What erases its users. */
    protected abstract LayerStore layers();

    @BeforeEach
    protected void createUsers() {
        for (String id : List.of("u", "v")) {
            directory().create(EntityKind.USER, new Entity(id, id, null, T0, T0));
        }
    }

    @Test
    void findsKeysByTheirDigests() {
        ApiKey plain = key("1", "u", Permissions.READ, null);
        ApiKey full = new ApiKey(
                "2",
                "v",
                "o'neil's \\ 漢字 😀",
                Permissions.ADMIN,
                T0,
                T0.plusSeconds(60).plus(1, ChronoUnit.MICROS));
        assertThat(keys().create(plain, digest(1))).isEqualTo(Created.DONE);
        assertThat(keys().create(full, digest(2))).isEqualTo(Created.DONE);

        assertThat(keys().find(List.of(digest(1), digest(2), digest(3))).keys())
                .containsOnlyKeys(digest(1), digest(2))
                .containsEntry(digest(1), plain)
                .containsEntry(digest(2), full);
        assertThat(keys().find(List.of(digest(3))).keys()).isEmpty();
        assertThat(keys().find(List.of()).keys()).isEmpty();
    }

    @Test
    void keepsEachPermission() {
        List<Permissions> all = List.of(Permissions.READ, Permissions.WRITE, Permissions.READ_WRITE, Permissions.ADMIN);
        for (int i = 0; i < all.size(); i++) {
            keys().create(key(String.valueOf(i), "u", all.get(i), null), digest(i));
        }

        assertThat(keys().ofUser("u")).extracting(ApiKey::permissions).containsExactlyElementsOf(all);
    }

    @Test
    void listsAUsersKeysByCreationAndThenById() {
        ApiKey late = new ApiKey("a", "u", null, Permissions.READ, T0.plus(1, ChronoUnit.MICROS), null);
        ApiKey second = key("c", "u", Permissions.READ, null);
        ApiKey first = key("b", "u", Permissions.READ, null);
        keys().create(late, digest(1));
        keys().create(second, digest(2));
        keys().create(first, digest(3));
        keys().create(key("d", "v", Permissions.READ, null), digest(4));

        assertThat(keys().ofUser("u")).containsExactly(first, second, late);
        assertThat(keys().ofUser("nobody")).isEmpty();
    }

    @Test
    void refusesAKeyOrAnIdThatIsTakenByAnyUser() {
        keys().create(key("1", "u", Permissions.READ, null), digest(1));

        assertThat(keys().create(key("2", "v", Permissions.WRITE, null), digest(1)))
                .isEqualTo(Created.TAKEN);
        assertThat(keys().create(key("1", "v", Permissions.WRITE, null), digest(2)))
                .isEqualTo(Created.TAKEN);
        assertThat(keys().ofUser("v")).isEmpty();
        assertThat(keys().find(List.of(digest(1), digest(2))).keys()).containsOnlyKeys(digest(1));
    }

    @Test
    void refusesAKeyForAUserWhoIsNotThere() {
        assertThat(keys().create(key("1", "nobody", Permissions.READ, null), digest(1)))
                .isEqualTo(Created.NO_SUCH_USER);
        assertThat(keys().find(List.of(digest(1))).keys()).isEmpty();
    }

    @Test
    void boundsTheKeysOfAUser() {
        List<Created> created = IntStream.range(0, KeyStore.MAX_KEYS_OF_USER)
                .mapToObj(i -> keys().create(key("k" + i, "u", Permissions.READ, null), digest(i)))
                .toList();
        ApiKey further = key("further", "u", Permissions.READ, null);

        assertThat(created).containsOnly(Created.DONE);
        assertThat(keys().create(further, digest(1000))).isEqualTo(Created.TOO_MANY);
        assertThat(keys().create(key("other", "v", Permissions.READ, null), digest(1001)))
                .isEqualTo(Created.DONE);
        keys().delete("u", "k7");
        assertThat(keys().create(further, digest(1000))).isEqualTo(Created.DONE);
    }

    @Test
    void deletesAKeyOfThisUserOnly() {
        keys().create(key("1", "u", Permissions.READ, null), digest(1));

        assertThat(keys().delete("v", "1")).isFalse();
        assertThat(keys().find(List.of(digest(1))).keys()).hasSize(1);
        assertThat(keys().delete("u", "1")).isTrue();
        assertThat(keys().delete("u", "1")).isFalse();
        assertThat(keys().find(List.of(digest(1))).keys()).isEmpty();
    }

    @Test
    void growsItsRevisionWithEveryDeletionAndNothingElse() {
        long before = keys().revision();
        keys().create(key("1", "u", Permissions.READ, null), digest(1));
        keys().create(key("2", "u", Permissions.READ, null), digest(2));
        keys().delete("u", "3");
        assertThat(keys().revision()).isEqualTo(before);
        assertThat(keys().find(List.of(digest(1))).revision()).isEqualTo(before);

        keys().delete("u", "1");
        long afterOne = keys().revision();
        assertThat(afterOne).isGreaterThan(before);
        keys().delete("u", "2");
        assertThat(keys().revision()).isGreaterThan(afterOne);
        assertThat(keys().find(List.of()).revision()).isEqualTo(keys().revision());
    }

    @Test
    void losesTheKeysOfAnErasedUser() {
        keys().create(key("1", "u", Permissions.READ, null), digest(1));
        ApiKey ofOther = key("2", "v", Permissions.READ, null);
        keys().create(ofOther, digest(2));
        long before = keys().revision();

        layers().eraseUser("u");

        assertThat(keys().ofUser("u")).isEmpty();
        assertThat(keys().find(List.of(digest(1), digest(2))).keys()).containsOnlyKeys(digest(2));
        assertThat(keys().revision()).isGreaterThan(before);
        long after = keys().revision();
        layers().eraseUser("u");
        assertThat(keys().revision()).isEqualTo(after);
    }

    @Test
    void hasOneSaltThatStays() {
        assertThat(keys().salt()).hasSizeGreaterThanOrEqualTo(16).isEqualTo(keys().salt());
    }

    private static ApiKey key(String id, String userId, Permissions permissions, @Nullable Instant expiresAt) {
        return new ApiKey(id, userId, null, permissions, T0, expiresAt);
    }

    private static KeyDigest digest(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        bytes[31] = (byte) (number >> 8);
        return KeyDigest.of(bytes);
    }
}
