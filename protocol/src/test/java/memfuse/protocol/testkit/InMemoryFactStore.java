package memfuse.protocol.testkit;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.facts.FactStore;
import memfuse.protocol.memory.Message;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.StoreException;
import org.jspecify.annotations.Nullable;

/** A {@link FactStore} in memory, beside an {@link InMemoryLayerStore}; thread-safe. */
public final class InMemoryFactStore implements FactStore {
    private final Object lock;
    private final Function<String, NavigableMap<Long, Message>> messagesOf;
    private final LongSupplier nextTurn;
    private final Map<String, Progress> progress = new HashMap<>();
    private final Map<String, Stored> facts = new LinkedHashMap<>();
    private int failing;

    /** How far a session has come. */
    private static final class Progress {
        final String userId;
        final TreeSet<Long> changed = new TreeSet<>();
        long nextSeq = 1;
        long lastSeq;

        /** Its turn among those that wait, 0 where nothing does. */
        long waitingSince;

        Progress(String userId) {
            this.userId = userId;
        }
    }

    private record Stored(String userId, String sessionId, ExtractedFact fact, String extractor, Instant saidAt) {
        static final Comparator<Stored> AS_SAID = Comparator.comparing(Stored::saidAt)
                .thenComparing(Stored::sessionId)
                .thenComparing(stored ->
                        stored.fact().evidence().get(stored.fact().evidence().size() - 1))
                .thenComparing(stored -> stored.fact().idIn(stored.sessionId()));

        Instant validFrom() {
            Instant from = fact.validFrom();
            return from == null ? saidAt : from;
        }
    }

    /**
     * @param lock the monitor of the layers
     * @param messagesOf a session's messages in M0
     */
    InMemoryFactStore(Object lock, Function<String, NavigableMap<Long, Message>> messagesOf, LongSupplier nextTurn) {
        this.lock = lock;
        this.messagesOf = messagesOf;
        this.nextTurn = nextTurn;
    }

    /** The next {@code count} calls fail and do nothing. */
    public void failNext(int count) {
        synchronized (lock) {
            failing = count;
        }
    }

    private void enter() {
        if (failing > 0) {
            failing--;
            throw new StoreException("scripted: the call fails");
        }
    }

    /** The layers have this flush. */
    void onFlush(SessionFlush flush) {
        Progress session = progress.computeIfAbsent(flush.sessionId(), id -> new Progress(flush.userId()));
        session.nextSeq = Math.min(session.nextSeq, flush.afterSeq() + 1);
        forget(flush.sessionId(), seq -> seq > flush.afterSeq());
        flush.deleted().forEach(gone -> forget(flush.sessionId(), gone::equals));
        for (Message message : flush.updated()) {
            forget(flush.sessionId(), seq -> seq == message.seq());
            if (message.seq() < session.nextSeq) {
                session.changed.add(message.seq());
            }
        }
        session.lastSeq = flush.marker().lastSeq();
        session.waitingSince = session.waitingSince == 0 ? nextTurn.getAsLong() : session.waitingSince;
    }

    /** How many facts of the session were there. */
    long erase(String sessionId) {
        progress.remove(sessionId);
        long before = facts.size();
        forget(sessionId, seq -> true);
        return before - facts.size();
    }

    private void forget(String sessionId, LongPredicate evidence) {
        facts.values()
                .removeIf(stored -> stored.sessionId().equals(sessionId)
                        && stored.fact().evidence().stream().anyMatch(evidence::test));
    }

    @Override
    public List<FactBatch> waiting(int sessions, int messages, int tokens, Set<String> except) {
        synchronized (lock) {
            enter();
            return progress.entrySet().stream()
                    .filter(entry -> entry.getValue().waitingSince > 0 && !except.contains(entry.getKey()))
                    .sorted(Comparator.comparingLong(entry -> entry.getValue().waitingSince))
                    .limit(sessions)
                    .map(entry -> batch(entry.getKey(), entry.getValue(), messages, tokens))
                    .toList();
        }
    }

    private FactBatch batch(String sessionId, Progress session, int limit, int tokens) {
        NavigableMap<Long, Message> stored = messagesOf.apply(sessionId);
        boolean again = !session.changed.isEmpty();
        List<Long> changed = session.changed.stream().limit(limit).toList();
        List<Message> all = again
                ? changed.stream().map(stored::get).filter(Objects::nonNull).toList()
                : List.copyOf(stored.tailMap(session.nextSeq, true).values());
        List<Message> fitting = new ArrayList<>();
        long sum = 0;
        for (Message message : all) {
            sum += message.tokens();
            if (fitting.size() == limit || (!fitting.isEmpty() && sum > tokens)) {
                break;
            }
            fitting.add(message);
        }
        long last = fitting.size() == all.size()
                ? Long.MAX_VALUE
                : fitting.get(fitting.size() - 1).seq();
        long done = session.nextSeq - 1;
        return again
                ? new FactBatch(
                        session.userId,
                        sessionId,
                        fitting,
                        done,
                        done,
                        changed.stream().filter(seq -> seq <= last).toList())
                : new FactBatch(
                        session.userId,
                        sessionId,
                        fitting,
                        done,
                        Math.max(done, Math.min(last, session.lastSeq)),
                        List.of());
    }

    @Override
    public void store(FactBatch batch, List<ExtractedFact> found, String extractor) {
        synchronized (lock) {
            enter();
            Progress session = progress.get(batch.sessionId());
            if (session == null || session.nextSeq - 1 < batch.afterSeq()) {
                return;
            }
            NavigableMap<Long, Message> stored = messagesOf.apply(batch.sessionId());
            Map<Long, Message> unchanged = new HashMap<>();
            session.changed.removeAll(batch.changed());
            for (Message message : batch.messages()) {
                Message now = stored.get(message.seq());
                session.changed.remove(message.seq());
                if (now != null && now.updatedAt().equals(message.updatedAt())) {
                    unchanged.put(message.seq(), message);
                } else if (now != null) {
                    session.changed.add(message.seq());
                }
                forget(batch.sessionId(), seq -> seq == message.seq());
            }
            found.stream()
                    .filter(fact -> unchanged.keySet().containsAll(fact.evidence()))
                    .forEach(
                            fact -> facts.put(fact.idIn(batch.sessionId()), stored(batch, fact, unchanged, extractor)));
            session.nextSeq = Math.max(session.nextSeq, batch.upToSeq() + 1);
            boolean waits = session.nextSeq <= session.lastSeq || !session.changed.isEmpty();
            session.waitingSince = waits ? nextTurn.getAsLong() : 0;
        }
    }

    private static Stored stored(FactBatch batch, ExtractedFact fact, Map<Long, Message> messages, String extractor) {
        long last = fact.evidence().get(fact.evidence().size() - 1);
        Instant saidAt = Objects.requireNonNull(messages.get(last)).createdAt();
        return new Stored(batch.userId(), batch.sessionId(), fact, extractor, saidAt);
    }

    @Override
    public OptionalLong firstWaiting(String sessionId) {
        synchronized (lock) {
            enter();
            Progress session = progress.get(sessionId);
            return session == null || session.waitingSince == 0
                    ? OptionalLong.empty()
                    : OptionalLong.of(Stream.concat(Stream.of(session.nextSeq), session.changed.stream())
                            .min(Long::compare)
                            .orElseThrow());
        }
    }

    @Override
    public List<Fact> facts(String userId, FactQuery query) {
        synchronized (lock) {
            enter();
            return facts.values().stream()
                    .filter(stored -> stored.userId().equals(userId))
                    .sorted(Stored.AS_SAID.reversed())
                    .map(this::asItStands)
                    .filter(fact -> query.at() != null || query.superseded() || fact.supersededBy() == null)
                    .filter(fact -> query.at() == null || holds(fact, query.at()))
                    .limit(query.limit())
                    .toList();
        }
    }

    private static boolean holds(Fact fact, Instant at) {
        return !fact.validFrom().isAfter(at)
                && (fact.validTo() == null || fact.validTo().isAfter(at));
    }

    private Fact asItStands(Stored stored) {
        Stored next = facts.values().stream()
                .filter(other -> other.userId().equals(stored.userId())
                        && other.fact().slotKey().equals(stored.fact().slotKey())
                        && Stored.AS_SAID.compare(other, stored) > 0)
                .min(Stored.AS_SAID)
                .orElse(null);
        ExtractedFact fact = stored.fact();
        NavigableMap<Long, Message> messages = messagesOf.apply(stored.sessionId());
        return new Fact(
                fact.idIn(stored.sessionId()),
                stored.sessionId(),
                fact.subject(),
                fact.predicate(),
                fact.object(),
                fact.text(),
                fact.evidence().stream()
                        .map(seq -> new Fact.Evidence(
                                Objects.requireNonNull(messages.get(seq)).id(), seq))
                        .toList(),
                stored.saidAt(),
                stored.validFrom(),
                heldUntil(stored, next),
                next == null ? null : next.fact().idIn(next.sessionId()),
                fact.confidence(),
                stored.extractor());
    }

    private static @Nullable Instant heldUntil(Stored stored, @Nullable Stored next) {
        Instant end = stored.fact().validTo();
        if (next == null) {
            return end;
        }
        Instant earlier = end == null || next.validFrom().isBefore(end) ? next.validFrom() : end;
        return earlier.isBefore(stored.validFrom()) ? stored.validFrom() : earlier;
    }
}
