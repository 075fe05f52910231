package memfuse.protocol.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Stream;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.ErasureReceipt;
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
import memfuse.protocol.store.UnitVector;

/**
 * A {@link LayerStore} in memory, over the sessions of an {@link InMemoryDirectory}; thread-safe.
 *
 * <p>It knows of the journal what it is told: {@link #journaled} for an event that is there, and {@link #onReplaced} to
 * hear, within the flush, that a flush replaces its events by the marker. Every flush beyond the last marker is taken to
 * have its event in the journal.
 */
public final class InMemoryLayerStore implements LayerStore {
    private final InMemoryDirectory directory;
    private final boolean embedding;
    private final StoreFaults faults = new StoreFaults();
    private final Map<String, StoredSession> sessions = new HashMap<>();
    private final Map<String, JournaledSession> journal = new HashMap<>();
    private final List<Consumer<SessionFlush>> onReplaced = new ArrayList<>();
    private final List<SessionFlush> written = new ArrayList<>();
    private final AtomicLong clock = new AtomicLong();
    private final InMemoryKnowledgeStore knowledge;
    private final InMemoryFactStore facts;

    /** The rows of a session. */
    private static final class StoredSession {
        final TreeMap<Long, Message> messages = new TreeMap<>();
        final Map<String, StoredAnswer> answers = new HashMap<>();
        final TreeMap<UnitKey, StoredUnit> units =
                new TreeMap<>(Comparator.comparingLong(UnitKey::seq).thenComparingInt(UnitKey::chunkNo));

        void removeUnits(long seq) {
            units.keySet().removeIf(key -> key.seq() == seq);
        }
    }

    /** A unit with its turn among those that wait for an embedding, 0 where it does not. */
    private record StoredUnit(MemoryUnit unit, long waitingSince) {}

    private record StoredAnswer(KeyedAnswer answer, Instant storedAt) {}

    /** A unit that waits for an embedding, with its turn among them. */
    record WaitingUnit(long since, PendingUnit unit) {}

    /** The journal sequence numbers of a session's marker and last event, and its turn among the dirty ones. */
    private record JournaledSession(long marker, long last, long dirtySince) {
        boolean isDirty() {
            return last > marker;
        }
    }

    /** @param embedding whether there is a model, so that units without a vector wait for one */
    public InMemoryLayerStore(InMemoryDirectory directory, boolean embedding) {
        this.directory = directory;
        this.embedding = embedding;
        knowledge = new InMemoryKnowledgeStore(directory, embedding ? clock::incrementAndGet : () -> 0L);
        facts = new InMemoryFactStore(this, sessionId -> rows(sessionId).messages, clock::incrementAndGet);
    }

    /** The knowledge of the same users. */
    public InMemoryKnowledgeStore knowledge() {
        return knowledge;
    }

    /** M2 of the same sessions. */
    public InMemoryFactStore facts() {
        return facts;
    }

    /** The script of what goes wrong. */
    public StoreFaults faults() {
        return faults;
    }

    /** The session's journal holds the event of this sequence number. */
    public synchronized void journaled(String sessionId, long journalSeq) {
        journal.merge(
                SessionProtocol.persistenceId(sessionId),
                new JournaledSession(0, journalSeq, clock.incrementAndGet()),
                (there, one) -> new JournaledSession(
                        there.marker(),
                        Math.max(there.last(), journalSeq),
                        there.isDirty() ? there.dirtySince() : one.dirtySince()));
    }

    /** Hears of every flush that is written, within its transaction. */
    public synchronized void onReplaced(Consumer<SessionFlush> listener) {
        onReplaced.add(listener);
    }

    /** Every flush that was written, in order; those that did not apply are not among them. */
    public synchronized List<SessionFlush> written() {
        return List.copyOf(written);
    }

    @Override
    public void flush(List<SessionFlush> flushes) {
        faults.enterFlush();
        synchronized (this) {
            flushes.forEach(this::write);
        }
        faults.leaveFlush();
    }

    private void write(SessionFlush flush) {
        JournaledSession journaled = journal.getOrDefault(flush.persistenceId(), new JournaledSession(0, 0, 0));
        boolean known = directory.session(flush.sessionId()).isPresent();
        if (!known || flush.upToJournalSeq() <= journaled.marker()) {
            return;
        }
        StoredSession session = sessions.computeIfAbsent(flush.sessionId(), id -> new StoredSession());
        session.messages.tailMap(flush.afterSeq(), false).clear();
        session.units.keySet().removeIf(key -> key.seq() > flush.afterSeq());
        flush.deleted().forEach(session.messages::remove);
        flush.deleted().forEach(session::removeUnits);
        flush.appended().forEach(message -> session.messages.put(message.seq(), message));
        for (Message message : flush.updated()) {
            session.messages.computeIfPresent(message.seq(), (seq, old) -> message.inRound(old.roundSeq()));
            session.removeUnits(message.seq());
        }
        for (MemoryUnit unit : flush.units()) {
            if (session.messages.containsKey(unit.key().seq())) {
                session.units.put(unit.key(), stored(unit));
            }
        }
        facts.onFlush(flush);
        flush.answers()
                .forEach(answer -> session.answers.put(answer.key().key(), new StoredAnswer(answer, Instant.now())));
        journal.put(
                flush.persistenceId(),
                new JournaledSession(
                        flush.upToJournalSeq(),
                        Math.max(journaled.last(), flush.upToJournalSeq()),
                        clock.incrementAndGet()));
        written.add(flush);
        onReplaced.forEach(listener -> listener.accept(flush));
    }

    private StoredUnit stored(MemoryUnit unit) {
        return new StoredUnit(unit, embedding && unit.vector() == null ? clock.incrementAndGet() : 0);
    }

    @Override
    public synchronized Bounded<Message> history(
            String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request, long maxBytes) {
        faults.enterOther();
        List<Message> page = messagesUpTo(sessionId, upToSeq)
                .filter(message -> !without.contains(message.seq()))
                .sorted(request.order())
                .limit(request.limit())
                .toList();
        return Bounded.of(page, Message::answerBytes, maxBytes);
    }

    @Override
    public synchronized List<Message> inOrder(
            String sessionId, long upToSeq, Collection<Long> without, PageBySeq page) {
        faults.enterOther();
        return page.of(messagesUpTo(sessionId, upToSeq).filter(message -> !without.contains(message.seq())));
    }

    @Override
    public synchronized Bounded<Message> messages(
            String sessionId, long upToSeq, Collection<String> messageIds, long maxBytes) {
        faults.enterOther();
        Set<String> wanted = new HashSet<>(messageIds);
        List<Message> found = messagesUpTo(sessionId, upToSeq)
                .filter(message -> wanted.contains(message.id()))
                .toList();
        return Bounded.of(found, Message::answerBytes, maxBytes);
    }

    private Stream<Message> messagesUpTo(String sessionId, long upToSeq) {
        return rows(sessionId).messages.headMap(upToSeq, true).values().stream();
    }

    @Override
    public void streamUnits(String userId, Consumer<MemoryUnit> sink) {
        List<MemoryUnit> units;
        synchronized (this) {
            faults.enterOther();
            units = directory.sessions(userId, null, null).stream()
                    .map(Session::id)
                    .sorted()
                    .map(this::rows)
                    .flatMap(session -> session.units.values().stream().map(unit -> current(session, unit.unit())))
                    .toList();
        }
        units.forEach(sink);
    }

    private static MemoryUnit current(StoredSession session, MemoryUnit unit) {
        Message message = session.messages.getOrDefault(unit.key().seq(), unit.message());
        return new MemoryUnit(unit.key(), message, unit.text(), unit.tokens(), unit.vector());
    }

    @Override
    public List<UnitVector> vectors(String userId, Collection<UnitKey> keys) {
        List<UnitVector> vectors = new ArrayList<>();
        streamUnits(userId, unit -> {
            if (unit.vector() != null && keys.contains(unit.key())) {
                vectors.add(new UnitVector(userId, unit.key(), unit.embeddedText(), unit.vector()));
            }
        });
        knowledge.streamUnits(userId, unit -> {
            if (unit.vector() != null && keys.contains(unit.key())) {
                vectors.add(new UnitVector(userId, unit.key(), unit.embeddedText(), unit.vector()));
            }
        });
        return vectors;
    }

    /** Ages are not kept: a share with one has what waits since the last unit was added, and no more. */
    @Override
    public synchronized List<PendingUnit> pendingUnits(int limit, Set<UnitKey> except, BacklogShare share) {
        faults.enterOther();
        Stream<WaitingUnit> ofMessages = sessions.values().stream()
                .flatMap(session -> session.units.values().stream())
                .filter(stored -> stored.waitingSince() > 0)
                .map(stored -> new WaitingUnit(
                        stored.waitingSince(),
                        new PendingUnit(
                                userOf(stored.unit().key().sessionId()),
                                stored.unit().key(),
                                stored.unit().embeddedText())));
        return Stream.concat(ofMessages, knowledge.waiting())
                .filter(waiting -> !except.contains(waiting.unit().key()))
                .filter(waiting -> Math.floorMod(waiting.unit().userId().hashCode(), share.of()) == share.part())
                .sorted(Comparator.comparingLong(WaitingUnit::since))
                .limit(limit)
                .map(WaitingUnit::unit)
                .toList();
    }

    @Override
    public synchronized OptionalLong firstPending(String userId, String sessionId) {
        faults.enterOther();
        return rows(sessionId).units.values().stream()
                .filter(stored -> stored.waitingSince() > 0)
                .mapToLong(stored -> stored.unit().key().seq())
                .min();
    }

    @Override
    public synchronized Optional<KeyedAnswer> answer(String sessionId, String key) {
        faults.enterOther();
        return Optional.ofNullable(rows(sessionId).answers.get(key)).map(StoredAnswer::answer);
    }

    @Override
    public synchronized void forgetAnswers(Instant before) {
        faults.enterOther();
        sessions.values()
                .forEach(session -> session.answers
                        .values()
                        .removeIf(stored -> stored.storedAt().isBefore(before)));
    }

    @Override
    public synchronized void storeVectors(List<UnitVector> vectors) {
        faults.enterVectors(vectors);
        for (UnitVector vector : vectors) {
            if (vector.key().fromKnowledge()) {
                knowledge.complete(vector);
                continue;
            }
            rows(vector.key().sessionId())
                    .units
                    .computeIfPresent(
                            vector.key(),
                            (key, stored) -> stored.waitingSince() > 0
                                            && stored.unit().embeddedText().equals(vector.embeddedText())
                                    ? new StoredUnit(stored.unit().withVector(vector.vector()), 0)
                                    : stored);
        }
    }

    @Override
    public synchronized List<String> dirtySessions(String userId) {
        faults.enterOther();
        return directory.sessions(userId, null, null).stream()
                .map(Session::id)
                .filter(id -> dirtySince(id) > 0)
                .toList();
    }

    @Override
    public synchronized List<String> dirtyUsers(int limit, long upTo) {
        faults.enterOther();
        return directory.sessions(null, null, null).stream()
                .filter(session -> dirtySince(session.id()) > 0 && dirtySince(session.id()) <= upTo)
                .sorted(Comparator.comparingLong(session -> dirtySince(session.id())))
                .map(Session::userId)
                .distinct()
                .limit(limit)
                .toList();
    }

    /** Events are placed by when their session became dirty. */
    @Override
    public synchronized long lastUnflushed() {
        faults.enterOther();
        return directory.sessions(null, null, null).stream()
                .mapToLong(session -> dirtySince(session.id()))
                .max()
                .orElse(0);
    }

    private long dirtySince(String sessionId) {
        JournaledSession journaled = journal.get(SessionProtocol.persistenceId(sessionId));
        return journaled != null && journaled.isDirty() ? journaled.dirtySince() : 0;
    }

    @Override
    public synchronized void eraseSession(String userId, String sessionId) {
        faults.enterOther();
        if (directory.session(sessionId).filter(s -> !s.userId().equals(userId)).isEmpty()) {
            Map<String, Long> counts = counts(List.of(sessionId));
            erase(sessionId, counts);
            keepReceipt(sessionId, "session", userId, counts);
        }
    }

    @Override
    public synchronized void eraseUser(String userId) {
        faults.enterOther();
        List<String> sessionIds =
                directory.sessions(userId, null, null).stream().map(Session::id).toList();
        Map<String, Long> counts = counts(sessionIds);
        counts.put("users", directory.find(EntityKind.USER, userId).stream().count());
        sessionIds.forEach(id -> erase(id, counts));
        knowledge.erase(userId);
        directory.removeUser(userId);
        keepReceipt(userId, "user", userId, counts);
    }

    @Override
    public synchronized Optional<String> removeOrphans(String after) {
        faults.enterOther();
        journal.keySet()
                .removeIf(id -> directory
                        .session(id.substring(SessionProtocol.persistenceId("").length()))
                        .isEmpty());
        return Optional.empty();
    }

    private Map<String, Long> counts(List<String> sessionIds) {
        Map<String, Long> counts = new LinkedHashMap<>();
        counts.put(
                "sessions",
                sessionIds.stream()
                        .flatMap(id -> directory.session(id).stream())
                        .count());
        counts.put(
                "m0",
                sessionIds.stream().mapToLong(id -> rows(id).messages.size()).sum());
        counts.put(
                "m1", sessionIds.stream().mapToLong(id -> rows(id).units.size()).sum());
        return counts;
    }

    private void keepReceipt(String id, String kind, String userId, Map<String, Long> counts) {
        if (counts.values().stream().anyMatch(rows -> rows > 0)) {
            directory.keep(new ErasureReceipt(id, kind, userId, Instant.now(), counts));
        }
    }

    private void erase(String sessionId, Map<String, Long> counts) {
        directory.removeSession(sessionId);
        counts.merge("m2", facts.erase(sessionId), Long::sum);
        sessions.remove(sessionId);
        journal.remove(SessionProtocol.persistenceId(sessionId));
    }

    private String userOf(String sessionId) {
        return directory.session(sessionId).map(Session::userId).orElseThrow();
    }

    private StoredSession rows(String sessionId) {
        return sessions.getOrDefault(sessionId, new StoredSession());
    }
}
