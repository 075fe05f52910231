package memfuse.actors.user;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.SessionActor;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Loads a user's index: every session that may be dirty tells what it has not stored, and then the store is read. What a
 * session does not tell is in the store by then, and what changes from the beginning on is recorded and made up for, so
 * nothing falls between the two. Owned by the user's actor.
 *
 * <p>Of a session that has told, only what it knows to be stored is taken from the store. Rows above that may be of a
 * flush that its former self had under way: they are the session's to tell, as they are now. Knowledge is in the store
 * alone.
 */
final class IndexLoader {
    /** Units after which is looked how large the index has become. */
    private static final int MEASURED_EVERY = 512;

    private final String userId;
    private final ActorRef<UserProtocol.Command> self;
    private final IndexBudget indexes;
    private final LayerStore store;
    private final KnowledgeStore knowledge;
    private final Executor storeExecutor;
    private final Supplier<MemoryIndex> newIndex;
    private final UserIndex index;
    private final UserSessions sessions;
    private final SessionGate gate;
    private final Continuations continuations;
    private final Runnable onReady;
    private final Consumer<Refused> onFailed;

    /** Sessions that the loading under way still waits for. */
    private int untold;

    /** The last message that each session knew to be stored when it told, of the loading under way. */
    private Map<String, Long> storedUpTo = new HashMap<>();

    /**
     * @param onReady is called when the index is ready
     * @param onFailed is called when it cannot be had now; the next try may succeed
     */
    IndexLoader(
            String userId,
            ActorRef<UserProtocol.Command> self,
            UserServices services,
            UserIndex index,
            UserSessions sessions,
            SessionGate gate,
            Continuations continuations,
            Runnable onReady,
            Consumer<Refused> onFailed) {
        this.userId = userId;
        this.self = self;
        this.indexes = services.indexes();
        this.store = services.store();
        this.knowledge = services.knowledge().store();
        this.storeExecutor = services.storeThreads().of(userId);
        this.newIndex = services.newIndex();
        this.index = index;
        this.sessions = sessions;
        this.gate = gate;
        this.continuations = continuations;
        this.onReady = onReady;
        this.onFailed = onFailed;
    }

    void begin() {
        UserIndex.Loading loading = index.beginLoading();
        indexes.used(userId, self, 0);
        List<SessionSlot> asked = sessions.mayBeDirty();
        untold = asked.size();
        storedUpTo = new HashMap<>();
        for (SessionSlot slot : asked) {
            gate.askUnbounded(slot, SessionActor.CollectUnits::new, reply -> onTold(loading, slot, reply));
        }
        if (asked.isEmpty()) {
            read(loading);
        }
    }

    /** A session has told what it has not stored; that is recorded already. */
    private void onTold(UserIndex.Loading loading, SessionSlot slot, @Nullable Reply reply) {
        if (!index.isCurrent(loading)) {
            return;
        }
        if (reply instanceof Refused refused && slot.erasure == null) {
            abandon(refused);
            return;
        }
        if (slot.watermarks != null) {
            storedUpTo.put(slot.id(), slot.watermarks.flushed());
        }
        if (--untold == 0) {
            read(loading);
        }
    }

    private void read(UserIndex.Loading loading) {
        Map<String, Long> upTo = storedUpTo;
        continuations.then(CompletableFuture.supplyAsync(() -> read(upTo), storeExecutor), (loaded, failure) -> {
            if (!index.isCurrent(loading)) {
                return;
            }
            if (loaded == null) {
                indexes.left(userId, self);
                abandon(refusal(failure));
            } else {
                index.finishLoading(loading, loaded);
                onReady.run();
            }
        });
    }

    private MemoryIndex read(Map<String, Long> upTo) {
        MemoryIndex loaded = newIndex.get();
        store.streamUnits(userId, unit -> {
            UnitKey key = unit.key();
            if (key.seq() <= upTo.getOrDefault(key.sessionId(), Long.MAX_VALUE)) {
                loaded.add(unit);
                measure(loaded);
            }
        });
        knowledge.streamUnits(userId, unit -> {
            loaded.add(unit);
            measure(loaded);
        });
        return loaded;
    }

    /** Makes room as the index grows; one that all the node's room is too small for is not loaded. */
    private void measure(MemoryIndex loaded) {
        if (loaded.size() % MEASURED_EVERY == 0) {
            long bytes = loaded.heapBytes();
            if (bytes > indexes.maxBytes()) {
                throw new TooLarge(Refusals.unavailable("insufficient capacity: memfuse.index.max-bytes="
                        + indexes.maxBytes() + ", bytes=" + bytes + ", units=" + loaded.size() + " and more"));
            }
            indexes.measured(userId, self, bytes);
        }
    }

    /** The index is larger than all that the node has for indexes. */
    private static final class TooLarge extends RuntimeException {
        private final Refused refusal;

        TooLarge(Refused refusal) {
            super(refusal.text());
            this.refusal = refusal;
        }
    }

    private static Refused refusal(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof TooLarge tooLarge ? tooLarge.refusal : Refusals.storeFailed(failure);
    }

    private void abandon(Refused refusal) {
        index.abandonLoading();
        onFailed.accept(refusal);
    }
}
