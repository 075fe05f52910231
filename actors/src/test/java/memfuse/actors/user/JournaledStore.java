package memfuse.actors.user;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import memfuse.actors.session.TestJournal;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** A store in memory with its journal beside it, as the database has both; streams can be held after they were read. */
final class JournaledStore implements LayerStore {
    private final LayerStore layers;
    private final TestJournal journal;
    private final Directory directory;
    private @Nullable Hold hold;
    private int failingErasures;
    private @Nullable Runnable afterLostErasure;
    private int failingStreams;

    /** Streams that were read and are not handed out. */
    static final class Hold {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        void awaitStream() {
            await(arrived);
        }

        void release() {
            released.countDown();
        }

        private static void await(CountDownLatch latch) {
            try {
                if (!latch.await(30, TimeUnit.SECONDS)) {
                    throw new StoreException("waited in vain");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException("interrupted", e);
            }
        }
    }

    JournaledStore(LayerStore layers, TestJournal journal, Directory directory) {
        this.layers = layers;
        this.journal = journal;
        this.directory = directory;
    }

    /** Streams read the store, and hand out what they read when the hold is released. */
    synchronized Hold holdStreams() {
        hold = new Hold();
        return hold;
    }

    synchronized void failNextErasures(int count) {
        failingErasures = count;
    }

    /** The next erasure is done, {@code andThen} runs, and it is reported as failed all the same. */
    synchronized void loseNextErasure(Runnable andThen) {
        afterLostErasure = andThen;
    }

    synchronized void failNextStreams(int count) {
        failingStreams = count;
    }

    boolean isDirty(String sessionId) {
        NavigableMap<Long, Object> events = journal.events(SessionProtocol.persistenceId(sessionId));
        return !events.isEmpty() && !(events.lastEntry().getValue() instanceof SessionProtocol.Flushed);
    }

    @Override
    public void flush(List<SessionFlush> flushes) {
        layers.flush(flushes);
    }

    @Override
    public Bounded<Message> history(
            String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request, long maxBytes) {
        return layers.history(sessionId, upToSeq, without, request, maxBytes);
    }

    @Override
    public List<Message> inOrder(String sessionId, long upToSeq, Collection<Long> without, PageBySeq page) {
        return layers.inOrder(sessionId, upToSeq, without, page);
    }

    @Override
    public Bounded<Message> messages(String sessionId, long upToSeq, Collection<String> messageIds, long maxBytes) {
        return layers.messages(sessionId, upToSeq, messageIds, maxBytes);
    }

    @Override
    public void streamUnits(String userId, Consumer<MemoryUnit> sink) {
        List<MemoryUnit> units = new ArrayList<>();
        layers.streamUnits(userId, units::add);
        Hold current;
        synchronized (this) {
            if (failingStreams > 0) {
                failingStreams--;
                throw new StoreException("scripted: the stream fails");
            }
            current = hold;
        }
        if (current != null) {
            current.arrived.countDown();
            Hold.await(current.released);
        }
        units.forEach(sink);
    }

    @Override
    public List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except, BacklogShare share) {
        return layers.pendingUnits(limit, except, share);
    }

    @Override
    public List<UnitVector> vectors(String userId, Collection<UnitKey> keys) {
        return layers.vectors(userId, keys);
    }

    @Override
    public OptionalLong firstPending(String userId, String sessionId) {
        return layers.firstPending(userId, sessionId);
    }

    @Override
    public Optional<KeyedAnswer> answer(String sessionId, String key) {
        return layers.answer(sessionId, key);
    }

    @Override
    public void forgetAnswers(Instant before) {
        layers.forgetAnswers(before);
    }

    @Override
    public void storeVectors(List<UnitVector> vectors) {
        layers.storeVectors(vectors);
    }

    @Override
    public List<String> dirtySessions(String userId) {
        layers.dirtySessions(userId); // where a scripted fault strikes
        return directory.sessions(userId, null, null).stream()
                .map(Session::id)
                .filter(this::isDirty)
                .toList();
    }

    @Override
    public List<String> dirtyUsers(int limit, long upTo) {
        return directory.sessions(null, null, null).stream()
                .filter(session -> isDirty(session.id()))
                .map(Session::userId)
                .distinct()
                .limit(limit)
                .toList();
    }

    @Override
    public long lastUnflushed() {
        return Long.MAX_VALUE;
    }

    @Override
    public Optional<String> removeOrphans(String after) {
        return layers.removeOrphans(after);
    }

    @Override
    public void eraseSession(String userId, String sessionId) {
        failErasure();
        layers.eraseSession(userId, sessionId);
        forget(sessionId);
        loseErasure();
    }

    @Override
    public void eraseUser(String userId) {
        failErasure();
        List<Session> sessions = directory.sessions(userId, null, null);
        layers.eraseUser(userId);
        sessions.forEach(session -> forget(session.id()));
        loseErasure();
    }

    private synchronized void loseErasure() {
        if (afterLostErasure != null) {
            afterLostErasure.run();
            afterLostErasure = null;
            throw new StoreException("scripted: the erasure is done, its acknowledgement lost");
        }
    }

    private synchronized void failErasure() {
        if (failingErasures > 0) {
            failingErasures--;
            throw new StoreException("scripted: the erasure fails");
        }
    }

    private void forget(String sessionId) {
        journal.forget(SessionProtocol.persistenceId(sessionId));
    }
}
