package memfuse.actors.user;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.actors.session.IndexChange.VectorsReady;
import org.jspecify.annotations.Nullable;

/**
 * A user's index from the first query on: absent, being loaded, ready.
 *
 * <p>While it is absent changes count but are not kept, because the sessions and the store have them. While it is being
 * loaded they are recorded, and made up for when the loaded index comes. Every change gives a new write version.
 */
final class UserIndex {
    private @Nullable MemoryIndex index;

    /** Changes since loading began, or null while nothing is being loaded. */
    private @Nullable List<IndexChange> recorded;

    private long version;

    boolean isReady() {
        return index != null;
    }

    boolean isLoading() {
        return recorded != null;
    }

    /** Grows with every change. */
    long version() {
        return version;
    }

    /** From now on changes are recorded. */
    void beginLoading() {
        recorded = new ArrayList<>();
    }

    /** The loaded index is here: what was recorded is made up for. */
    void finishLoading(MemoryIndex loaded) {
        List<IndexChange> changes = recorded == null ? List.of() : recorded;
        recorded = null;
        index = loaded;
        changes.forEach(change -> apply(loaded, change));
    }

    /** Loading failed. */
    void abandonLoading() {
        recorded = null;
    }

    void apply(IndexChange change) {
        version++;
        if (index != null) {
            apply(index, change);
        } else if (recorded != null) {
            recorded.add(change);
        }
    }

    /** A session with all its messages is gone. */
    void removeSession(String sessionId) {
        version++;
        if (index != null) {
            index.removeSession(sessionId);
        }
    }

    /** Something else changed that answers depend on. */
    void touch() {
        version++;
    }

    /** The index; only when it is ready. */
    MemoryIndex index() {
        if (index == null) {
            throw new IllegalStateException("the index is not ready");
        }
        return index;
    }

    private static void apply(MemoryIndex index, IndexChange change) {
        if (change instanceof UnitsAdded added) {
            added.units().forEach(index::add);
        } else if (change instanceof MessagesReplaced replaced) {
            replaced.units().stream()
                    .collect(Collectors.groupingBy(unit -> unit.message().seq()))
                    .forEach((seq, units) ->
                            index.replaceMessage(units.get(0).key().sessionId(), seq, units));
        } else if (change instanceof MessagesRemoved removed) {
            removed.seqs().forEach(seq -> index.removeMessage(removed.sessionId(), seq));
        } else if (change instanceof VectorsReady ready) {
            ready.vectors().forEach(vector -> index.setVector(vector.key(), vector.embeddedText(), vector.vector()));
        }
    }
}
