package memfuse.protocol.knowledge;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import memfuse.protocol.store.Bounded;

/**
 * Where users' knowledge is kept. Blocking; call it on a dispatcher for blocking work.
 *
 * <p>Beside each item it keeps the item's units, in the transaction that writes the item. Units wait for an embedding
 * like those of messages: they are among {@link memfuse.protocol.store.LayerStore#pendingUnits}, and completed by {@link
 * memfuse.protocol.store.LayerStore#storeVectors}. Erasing the user erases them too.
 *
 * <p>Every method throws {@link memfuse.protocol.store.StoreException} when the database does not do it. A call may have
 * taken effect all the same, and repeating it is always safe.
 */
public interface KnowledgeStore {
    /**
     * The user's items in the order in which they were added, none where there is no such user; of more than
     * {@code maxBytes} only how much they are.
     */
    Bounded<KnowledgeItem> list(String userId, long maxBytes);

    /** The same of any size. */
    default List<KnowledgeItem> list(String userId) {
        return list(userId, Long.MAX_VALUE).elements();
    }

    /** Those of the given items that the user has, in no order; of more than {@code maxBytes} only how much they are. */
    Bounded<KnowledgeItem> read(String userId, Collection<String> ids, long maxBytes);

    /** The same of any size. */
    default List<KnowledgeItem> read(String userId, Collection<String> ids) {
        return read(userId, ids, Long.MAX_VALUE).elements();
    }

    /**
     * Adds items behind those that are there, all or none. One whose id is there already stays as it is.
     *
     * @return the items with these ids, in the order given
     */
    Written add(String userId, List<SplitKnowledge> items, Instant addedAt, KnowledgeBounds bounds);

    /**
     * Gives those of the items that the user has their new contents, all or none; of one that is named twice the last
     * counts. What becomes smaller is written whatever the bounds.
     *
     * @return the items that were there, as they are now, in no order
     */
    Written update(String userId, List<SplitKnowledge> items, Instant updatedAt, KnowledgeBounds bounds);

    /** Removes those of the items that the user has and gives their numbers by id. */
    Map<String, Long> delete(String userId, Collection<String> ids);

    /**
     * Hands every unit of the user's knowledge to {@code sink}, by number and piece, streamed with a bounded buffer. A
     * vector of another than the current model is handed as null. What the sink throws ends the stream.
     */
    void streamUnits(String userId, Consumer<KnowledgeUnit> sink);

    /** What became of a write. */
    sealed interface Written {}

    /** It is written; these are the items as they are stored. */
    record Done(List<KnowledgeItem> items) implements Written {
        public Done {
            items = List.copyOf(items);
        }
    }

    /** Nothing was written: the user would have so many items of so many bytes, and that is beyond the bounds. */
    record TooMuch(long items, long bytes) implements Written {}

    /** Nothing was written: the user is not there any more. */
    record NoSuchUser() implements Written {}
}
