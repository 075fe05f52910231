package memfuse.protocol.directory;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The register of users, agents and sessions. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>Ids and names are any text without {@code \u0000} and unpaired surrogates, compared exactly, of {@value
 * #MAX_TEXT_BYTES} bytes at most.
 *
 * <p>Every method throws {@link memfuse.protocol.store.StoreException} when the database does not answer.
 */
public interface Directory {
    /** The most UTF-8 bytes of an id or a name. */
    int MAX_TEXT_BYTES = 1024;

    /** What an entity or a session is counted with in an answer beside its name and description. */
    int OVERHEAD_BYTES = 256;

    /** All of a kind by creation, oldest first, then by id. */
    List<Entity> list(EntityKind kind);

    /** Bytes that all of a kind are counted with in an answer; they are not read. */
    long listBytes(EntityKind kind);

    Optional<Entity> find(EntityKind kind, String id);

    Optional<Entity> findByName(EntityKind kind, String name);

    /** Stores a new entity; false where its name is taken. A repetition with the same id and name is true again. */
    boolean create(EntityKind kind, Entity entity);

    /** Changes name and description where they are given. */
    Updated<Entity> update(
            EntityKind kind, String id, @Nullable String name, @Nullable String description, Instant updatedAt);

    /** Removes an agent with its sessions' rows kept; false where there is none. Users are removed by erasure. */
    boolean deleteAgent(String id);

    /** Sessions by creation, oldest first, then by id; each filter applies where it is given. */
    List<Session> sessions(@Nullable String userId, @Nullable String agentId, @Nullable String name);

    /** Bytes that those sessions are counted with in an answer; they are not read. */
    long sessionsBytes(@Nullable String userId, @Nullable String agentId, @Nullable String name);

    Optional<Session> session(String id);

    /**
     * Stores a new session; false where the user has one of that name. A repetition with the same id and name is true
     * again. A session of a user who does not exist is a {@link memfuse.protocol.store.StoreException}.
     */
    boolean createSession(Session session);

    /** Renames a session. */
    Updated<Session> renameSession(String id, String name, Instant updatedAt);

    /** How an update ended: {@code value} is set for {@code DONE} alone. */
    record Updated<T>(Outcome outcome, @Nullable T value) {
        public enum Outcome {
            DONE,
            NOT_FOUND,
            NAME_TAKEN
        }

        public static <T> Updated<T> done(T value) {
            return new Updated<>(Outcome.DONE, value);
        }

        public static <T> Updated<T> notFound() {
            return new Updated<>(Outcome.NOT_FOUND, null);
        }

        public static <T> Updated<T> nameTaken() {
            return new Updated<>(Outcome.NAME_TAKEN, null);
        }
    }

    /** The receipt of the user or session with this id, where it was erased. */
    Optional<ErasureReceipt> erasure(String id);
}
