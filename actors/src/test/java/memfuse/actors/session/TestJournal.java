package memfuse.actors.session;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import memfuse.protocol.store.SessionFlush;
import org.apache.pekko.dispatch.Futures;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.japi.AsyncWriteJournal;
import scala.concurrent.Future;
import scala.concurrent.Promise;
import scala.jdk.javaapi.CollectionConverters;

/** A journal in memory whose writes can be held and made to fail, and whose rows a flush replaces; thread-safe. */
public final class TestJournal {
    private static final Map<String, TestJournal> INSTANCES = new ConcurrentHashMap<>();

    private final String name = UUID.randomUUID().toString();
    private final Map<String, NavigableMap<Long, PersistentRepr>> rows = new HashMap<>();
    private final List<Runnable> heldWrites = new ArrayList<>();
    private boolean holding;
    private int failingWrites;
    private int unacknowledgedWrites;
    private Runnable beforeReplay = () -> {};

    public TestJournal() {
        INSTANCES.put(name, this);
    }

    /** Makes this the journal of an actor system. */
    public Config config() {
        return ConfigFactory.parseMap(Map.of(
                "pekko.persistence.journal.plugin",
                "memfuse-test-journal",
                "memfuse-test-journal.class",
                Plugin.class.getName(),
                "memfuse-test-journal.instance",
                name));
    }

    /** Forgets all events and all that was scripted. */
    public synchronized void clear() {
        rows.clear();
        heldWrites.clear();
        holding = false;
        failingWrites = 0;
        unacknowledgedWrites = 0;
        beforeReplay = () -> {};
    }

    /** Forgets a session's events, as its erasure does. */
    public synchronized void forget(String persistenceId) {
        rows.remove(persistenceId);
    }

    /** The next {@code count} writes fail and write nothing. */
    public synchronized void failNextWrites(int count) {
        failingWrites = count;
    }

    /** The next {@code count} writes are done, and fail all the same. */
    public synchronized void loseAcknowledgements(int count) {
        unacknowledgedWrites = count;
    }

    /** Writes wait from now on until they are released. */
    public synchronized void holdWrites() {
        holding = true;
    }

    public synchronized void releaseWrites() {
        holding = false;
        heldWrites.forEach(Runnable::run);
        heldWrites.clear();
    }

    /** Runs {@code action} between reading the highest number and the events of the next replay. */
    public synchronized void beforeNextReplay(Runnable action) {
        beforeReplay = action;
    }

    /** Whether anybody has read or written what a session's journal holds. */
    public synchronized boolean wasAsked(String persistenceId) {
        return rows.containsKey(persistenceId);
    }

    /** A session's events by their sequence numbers. */
    public synchronized NavigableMap<Long, Object> events(String persistenceId) {
        NavigableMap<Long, Object> events = new TreeMap<>();
        of(persistenceId).forEach((seq, row) -> events.put(seq, row.payload()));
        return events;
    }

    /** Puts an event into a session's journal, over what is there. */
    public synchronized void put(String persistenceId, long sequenceNr, Object event) {
        of(persistenceId).put(sequenceNr, row(persistenceId, sequenceNr, event, "test"));
    }

    /** Takes an event out of a session's journal. */
    synchronized void remove(String persistenceId, long sequenceNr) {
        of(persistenceId).remove(sequenceNr);
    }

    /** Does what the store does in a flush's transaction. */
    public synchronized void replace(SessionFlush flush) {
        NavigableMap<Long, PersistentRepr> events = of(flush.persistenceId());
        PersistentRepr last = events.get(flush.upToJournalSeq());
        if (last == null) {
            throw new IllegalStateException("no event to put the marker over: " + flush.upToJournalSeq());
        }
        events.headMap(flush.upToJournalSeq(), true).clear();
        events.put(
                flush.upToJournalSeq(),
                row(flush.persistenceId(), flush.upToJournalSeq(), flush.marker(), last.writerUuid()));
    }

    private static PersistentRepr row(String persistenceId, long sequenceNr, Object event, String writer) {
        return PersistentRepr.apply(event, sequenceNr, persistenceId, "", false, null, writer);
    }

    private NavigableMap<Long, PersistentRepr> of(String persistenceId) {
        return rows.computeIfAbsent(persistenceId, id -> new TreeMap<>());
    }

    private synchronized Future<Iterable<Optional<Exception>>> write(Iterable<AtomicWrite> writes) {
        Promise<Iterable<Optional<Exception>>> done = Futures.promise();
        if (holding) {
            heldWrites.add(() -> writeNow(writes, done));
        } else {
            writeNow(writes, done);
        }
        return done.future();
    }

    private synchronized void writeNow(Iterable<AtomicWrite> writes, Promise<Iterable<Optional<Exception>>> done) {
        if (failingWrites > 0) {
            failingWrites--;
            done.failure(new IllegalStateException("scripted: the write fails"));
            return;
        }
        List<PersistentRepr> added = new ArrayList<>();
        writes.forEach(write -> added.addAll(CollectionConverters.asJava(write.payload())));
        for (PersistentRepr row : added) {
            if (of(row.persistenceId()).putIfAbsent(row.sequenceNr(), row) != null) {
                done.failure(new IllegalStateException("duplicate key: " + row.sequenceNr()));
                return;
            }
        }
        if (unacknowledgedWrites > 0) {
            unacknowledgedWrites--;
            done.failure(new IllegalStateException("scripted: written, but the answer is lost"));
        } else {
            done.success(List.of());
        }
    }

    private synchronized List<PersistentRepr> replay(String persistenceId, long from, long to) {
        return List.copyOf(of(persistenceId).subMap(from, true, to, true).values());
    }

    private synchronized long highest(String persistenceId) {
        NavigableMap<Long, PersistentRepr> events = of(persistenceId);
        return events.isEmpty() ? 0 : events.lastKey();
    }

    private void enterReplay() {
        Runnable action;
        synchronized (this) {
            action = beforeReplay;
            beforeReplay = () -> {};
        }
        action.run();
    }

    /** What the actor system makes of the configuration. */
    public static final class Plugin extends AsyncWriteJournal {
        private final TestJournal journal;

        public Plugin(Config config) {
            journal = Objects.requireNonNull(INSTANCES.get(config.getString("instance")));
        }

        @Override
        public Future<Iterable<Optional<Exception>>> doAsyncWriteMessages(Iterable<AtomicWrite> writes) {
            return journal.write(writes);
        }

        @Override
        public Future<Void> doAsyncDeleteMessagesTo(String persistenceId, long toSequenceNr) {
            return Futures.failed(new UnsupportedOperationException("sessions delete nothing themselves"));
        }

        @Override
        public Future<Void> doAsyncReplayMessages(
                String persistenceId, long from, long to, long max, Consumer<PersistentRepr> replayCallback) {
            journal.enterReplay();
            journal.replay(persistenceId, from, to).forEach(replayCallback);
            return Futures.successful(null);
        }

        @Override
        public Future<Long> doAsyncReadHighestSequenceNr(String persistenceId, long from) {
            return Futures.successful(journal.highest(persistenceId));
        }
    }
}
