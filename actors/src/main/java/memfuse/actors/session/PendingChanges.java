package memfuse.actors.session;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import memfuse.protocol.memory.Message;
import org.jspecify.annotations.Nullable;

/**
 * Changes of messages that are in M0, journaled but not stored: what a flush has to send, and what readers of M0 have to
 * put over what they read. A message is updated or deleted, never both.
 */
final class PendingChanges {
    private final Map<Long, BufferedMessage> updated = new LinkedHashMap<>();
    private final Set<Long> deleted = new LinkedHashSet<>();

    void update(BufferedMessage message) {
        if (!deleted.contains(message.message().seq())) {
            updated.put(message.message().seq(), message);
        }
    }

    void delete(long seq) {
        updated.remove(seq);
        deleted.add(seq);
    }

    boolean isEmpty() {
        return updated.isEmpty() && deleted.isEmpty();
    }

    /** Messages with their new content, by time of the change. */
    Collection<BufferedMessage> updated() {
        return updated.values();
    }

    /** The new content of a message, or null where it is not updated. */
    @Nullable
    BufferedMessage updated(long seq) {
        return updated.get(seq);
    }

    /** Numbers of removed messages. */
    List<Long> deleted() {
        return List.copyOf(deleted);
    }

    /** These changes and then {@code later} ones, as one. */
    PendingChanges then(PendingChanges later) {
        PendingChanges both = new PendingChanges();
        for (PendingChanges changes : List.of(this, later)) {
            changes.updated.values().forEach(both::update);
            changes.deleted.forEach(both::delete);
        }
        return both;
    }

    /** What {@code stored} messages look like after these changes. */
    Stream<Message> over(Collection<Message> stored) {
        return stored.stream()
                .filter(message -> !deleted.contains(message.seq()))
                .map(message -> {
                    BufferedMessage change = updated.get(message.seq());
                    return change == null ? message : change.message().inRound(message.roundSeq());
                });
    }
}
