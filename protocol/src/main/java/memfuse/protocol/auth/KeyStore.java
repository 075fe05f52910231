package memfuse.protocol.auth;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Keeps the API keys of all users. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>A key never changes: it is made and deleted. With its user it is deleted too. Every method throws
 * {@link memfuse.protocol.store.StoreException} when the database does not answer.
 */
public interface KeyStore {
    /** Keys that a user can have at a time. */
    int MAX_KEYS_OF_USER = 100;

    /** Random bytes that go into every digest; the same for ever, and others in every database. */
    byte[] salt();

    Created create(ApiKey key, KeyDigest digest);

    /** The user's keys by creation, oldest first, then by id. */
    List<ApiKey> ofUser(String userId);

    /** Deletes one of the user's keys; false where there is none of that id. */
    boolean delete(String userId, String keyId);

    /** Grows with every deletion, before the deletion is answered; so what was read at a revision holds while it stays. */
    long revision();

    /** The keys of those digests that have one, all read at the same moment. */
    Found find(Collection<KeyDigest> digests);

    /** How a creation ended; a key is stored for {@code DONE} alone. */
    enum Created {
        DONE,
        /** There is a key of this digest or id. */
        TAKEN,
        /** The user has {@value #MAX_KEYS_OF_USER} keys. */
        TOO_MANY,
        NO_SUCH_USER
    }

    /**
     * Keys as they were at one moment.
     *
     * @param revision of that moment
     */
    record Found(long revision, Map<KeyDigest, ApiKey> keys) {
        public Found {
            keys = Map.copyOf(keys);
        }
    }
}
