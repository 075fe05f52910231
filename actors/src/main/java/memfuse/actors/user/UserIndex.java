package memfuse.actors.user;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.protocol.knowledge.KnowledgeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A user's index from the first query on: absent, being loaded, ready.
 *
 * <p>While it is absent changes count but are not kept, because the sessions and the store have them. While it is being
 * loaded they are recorded, and made up for when the loaded index comes. Every change gives a new write version.
 *
 * <p>Others may read the index on threads of their own. Changes wait for the end of what is being read, which is some
 * milliseconds, and new readers wait for these changes; whoever makes a change waits for nothing.
 */
final class UserIndex {
    private final Runnable onTextGone;
    private @Nullable Shared shared;

    /** The loading that is going on, or null. */
    private @Nullable Loading loading;

    private long version;

    /** How often texts were changed or removed. */
    private long textsGone;

    /** The index in use, with the changes that wait until nobody reads it on another thread. */
    private static final class Shared {
        private final MemoryIndex index;
        private final List<Consumer<MemoryIndex>> changes = new ArrayList<>();
        private int readers;

        Shared(MemoryIndex index) {
            this.index = index;
        }
    }

    /** Somebody's look at the index as it was at the beginning. */
    static final class Reading {
        private final Shared shared;
        private final long textsGoneBefore;

        private Reading(Shared shared, long textsGoneBefore) {
            this.shared = shared;
            this.textsGoneBefore = textsGoneBefore;
        }
    }

    /** One try to load the index, with the changes since it began. */
    static final class Loading {
        private final List<Consumer<MemoryIndex>> changes = new ArrayList<>();

        private Loading() {}
    }

    /** @param onTextGone is called when texts were changed or removed, which nobody may keep then */
    UserIndex(Runnable onTextGone) {
        this.onTextGone = onTextGone;
    }

    /** Whether the index is there, with every change. */
    boolean isReady() {
        return shared != null && shared.changes.isEmpty();
    }

    /** Whether there is no index, and none is coming. */
    boolean isAbsent() {
        return shared == null && loading == null;
    }

    /** Whether somebody reads the index elsewhere, or changes of it wait. */
    boolean isInUse() {
        return shared != null && (shared.readers > 0 || !shared.changes.isEmpty());
    }

    /** Bytes on the heap, about; 0 where there is none. */
    long heapBytes() {
        return shared == null ? 0 : shared.index.heapBytes();
    }

    /** Changes wait from now on until {@link #endReading}. Only when it is ready. */
    Reading beginReading() {
        if (shared == null) {
            throw new IllegalStateException("the index is not ready");
        }
        shared.readers++;
        return new Reading(shared, textsGone);
    }

    /** What was read may be told to others: no text was changed or removed meanwhile. Makes up for the changes. */
    boolean endReading(Reading reading) {
        Shared read = reading.shared;
        if (--read.readers == 0) {
            read.changes.forEach(change -> change.accept(read.index));
            read.changes.clear();
        }
        return reading.textsGoneBefore == textsGone;
    }

    /** Gives up the index; it is loaded again when it is asked for. */
    void release() {
        shared = null;
    }

    /** Grows with every change. */
    long version() {
        return version;
    }

    /** From now on changes are recorded. */
    Loading beginLoading() {
        loading = new Loading();
        return loading;
    }

    /** Whether this is the loading that is going on: what comes of an abandoned one counts for nothing. */
    boolean isCurrent(Loading asked) {
        return loading == asked;
    }

    /** The loaded index is here: what was recorded is made up for. */
    void finishLoading(Loading finished, MemoryIndex loaded) {
        loading = null;
        shared = new Shared(loaded);
        finished.changes.forEach(change -> change.accept(loaded));
    }

    /** Loading failed. */
    void abandonLoading() {
        loading = null;
    }

    void apply(IndexChange change) {
        change(target -> apply(target, change));
        if (change.takesTextsAway()) {
            textGone();
        }
    }

    private void textGone() {
        textsGone++;
        onTextGone.run();
    }

    /** New items of knowledge; units that are known already are left as they are. */
    void addKnowledge(List<KnowledgeUnit> units) {
        change(target -> units.forEach(target::add));
    }

    /**
     * Items of the user's knowledge have other contents, or are gone.
     *
     * @param numbers the items
     * @param units all units that they have now
     */
    void replaceKnowledge(String userId, Collection<Long> numbers, List<KnowledgeUnit> units) {
        change(target -> target.replaceKnowledge(userId, numbers, units));
        textGone();
    }

    /** What the index should hold is not known: it is loaded anew, and a loading under way counts for nothing. */
    void discard() {
        version++;
        shared = null;
        loading = null;
        textGone();
    }

    /** A session with all its messages is gone. */
    void removeSession(String sessionId) {
        change(target -> target.removeSession(sessionId));
        textGone();
    }

    private void change(Consumer<MemoryIndex> change) {
        version++;
        if (shared != null && shared.readers > 0) {
            shared.changes.add(change);
        } else if (shared != null) {
            change.accept(shared.index);
        } else if (loading != null) {
            loading.changes.add(change);
        }
    }

    /** Something else changed that ranks answers; those that are on their way may be told. */
    void rankingChanged() {
        version++;
    }

    /** Something else changed that answers depend on, and may be told of no more. */
    void touch() {
        version++;
        textsGone++;
    }

    /** The index; only when it is ready. */
    MemoryIndex index() {
        if (shared == null) {
            throw new IllegalStateException("the index is not ready");
        }
        return shared.index;
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
