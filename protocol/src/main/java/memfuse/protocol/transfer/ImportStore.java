package memfuse.protocol.transfer;

import java.time.Instant;
import java.util.Optional;
import memfuse.protocol.knowledge.KnowledgeBounds;

/**
 * Where imports are stored. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>Every method throws {@link memfuse.protocol.store.StoreException} when the database does not do it. A call may have
 * taken effect all the same, and repeating it is always safe.
 */
public interface ImportStore {
    /**
     * What was stored of a file for this user.
     *
     * @param fingerprint the same for the same file, and for no other
     */
    Optional<Imported> imported(String userId, String fingerprint);

    /**
     * Stores everything that the source hands over, in one transaction: sessions that look like those of a finished flush,
     * with their messages, with units that wait for an embedding, and knowledge. Nothing is stored where the source
     * throws, and what it throws is thrown.
     *
     * <p>A session whose name is taken gets another one, an agent is that of the same name where there is one, and an
     * item of knowledge whose id is taken gets a new one.
     */
    Outcome store(Import request, ImportSource source);

    /**
     * Of what, and when.
     *
     * @param importedAt to the microsecond
     */
    record Import(String userId, String fingerprint, Instant importedAt, KnowledgeBounds bounds) {}

    /** What became of an import. */
    sealed interface Outcome {}

    /** All of it is stored. */
    record Stored(Imported imported) implements Outcome {}

    /** The same file was stored for this user before; this is what was stored then, and nothing was added. */
    record Repeated(Imported imported) implements Outcome {}

    /** Nothing was stored: the user is not there, or not any more. */
    record NoSuchUser() implements Outcome {}

    /** Nothing was stored: the user would have at least so many items of knowledge of so many bytes. */
    record TooMuchKnowledge(long items, long bytes) implements Outcome {}
}
