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
 */
final class UserIndex {
    private final Runnable onTextGone;
    private @Nullable MemoryIndex index;

    /** The loading that is going on, or null. */
    private @Nullable Loading loading;

    private long version;

    /** One try to load the index, with the changes since it began. */
    static final class Loading {
        private final List<Consumer<MemoryIndex>> changes = new ArrayList<>();

        private Loading() {}
    }

    /** @param onTextGone is called when texts were changed or removed, which nobody may keep then */
    UserIndex(Runnable onTextGone) {
        this.onTextGone = onTextGone;
    }

    boolean isReady() {
        return index != null;
    }

    boolean isLoading() {
        return loading != null;
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
        index = loaded;
        finished.changes.forEach(change -> change.accept(loaded));
    }

    /** Loading failed. */
    void abandonLoading() {
        loading = null;
    }

    void apply(IndexChange change) {
        change(target -> apply(target, change));
        if (change instanceof MessagesReplaced || change instanceof MessagesRemoved) {
            onTextGone.run();
        }
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
        onTextGone.run();
    }

    /** What the index should hold is not known: it is loaded anew, and a loading under way counts for nothing. */
    void discard() {
        version++;
        index = null;
        loading = null;
        onTextGone.run();
    }

    /** A session with all its messages is gone. */
    void removeSession(String sessionId) {
        change(target -> target.removeSession(sessionId));
        onTextGone.run();
    }

    private void change(Consumer<MemoryIndex> change) {
        version++;
        if (index != null) {
            change.accept(index);
        } else if (loading != null) {
            loading.changes.add(change);
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
