package memfuse.protocol.testkit;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import memfuse.protocol.Utf8;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.directory.Session;
import memfuse.protocol.store.StoreException;
import org.jspecify.annotations.Nullable;

/** A {@link Directory} in memory; thread-safe. */
public final class InMemoryDirectory implements Directory {
    private static final Comparator<Entity> ENTITY_ORDER =
            Comparator.comparing(Entity::createdAt).thenComparing(Entity::id);
    private static final Comparator<Session> SESSION_ORDER =
            Comparator.comparing(Session::createdAt).thenComparing(Session::id);

    private final Map<String, Entity> users = new HashMap<>();
    private final Map<String, Entity> agents = new HashMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final Map<String, ErasureReceipt> receipts = new HashMap<>();
    private int failingReads;

    /** The next {@code count} questions for one session or one entity are not answered. */
    public synchronized void failNextReads(int count) {
        failingReads = count;
    }

    private void enterRead() {
        if (failingReads > 0) {
            failingReads--;
            throw new StoreException("scripted: the directory does not answer");
        }
    }

    @Override
    public synchronized List<Entity> list(EntityKind kind) {
        return of(kind).values().stream().sorted(ENTITY_ORDER).toList();
    }

    @Override
    public synchronized long listBytes(EntityKind kind) {
        return of(kind).values().stream()
                .mapToLong(e -> OVERHEAD_BYTES + Utf8.bytes(e.name()) + Utf8.bytes(e.description()))
                .sum();
    }

    @Override
    public synchronized long sessionsBytes(@Nullable String userId, @Nullable String agentId, @Nullable String name) {
        return sessions(userId, agentId, name).stream()
                .mapToLong(s -> OVERHEAD_BYTES + Utf8.bytes(s.name()))
                .sum();
    }

    @Override
    public synchronized Optional<Entity> find(EntityKind kind, String id) {
        enterRead();
        return Optional.ofNullable(of(kind).get(id));
    }

    @Override
    public synchronized Optional<Entity> findByName(EntityKind kind, String name) {
        return of(kind).values().stream().filter(e -> e.name().equals(name)).findFirst();
    }

    @Override
    public synchronized boolean create(EntityKind kind, Entity entity) {
        Entity there = of(kind).get(entity.id());
        if (there != null) {
            return there.name().equals(entity.name());
        }
        if (findByName(kind, entity.name()).isPresent()) {
            return false;
        }
        of(kind).put(entity.id(), entity);
        return true;
    }

    @Override
    public synchronized Updated<Entity> update(
            EntityKind kind, String id, @Nullable String name, @Nullable String description, Instant updatedAt) {
        Entity old = of(kind).get(id);
        if (old == null) {
            return Updated.notFound();
        }
        if (name != null
                && findByName(kind, name).filter(e -> !e.id().equals(id)).isPresent()) {
            return Updated.nameTaken();
        }
        Entity changed = new Entity(
                id,
                name == null ? old.name() : name,
                description == null ? old.description() : description,
                old.createdAt(),
                updatedAt);
        of(kind).put(id, changed);
        return Updated.done(changed);
    }

    @Override
    public synchronized boolean deleteAgent(String id) {
        return of(EntityKind.AGENT).remove(id) != null;
    }

    @Override
    public synchronized List<Session> sessions(
            @Nullable String userId, @Nullable String agentId, @Nullable String name) {
        return sessions.values().stream()
                .filter(s -> userId == null || s.userId().equals(userId))
                .filter(s -> agentId == null || s.agentId().equals(agentId))
                .filter(s -> name == null || s.name().equals(name))
                .sorted(SESSION_ORDER)
                .toList();
    }

    @Override
    public synchronized Optional<Session> session(String id) {
        enterRead();
        return Optional.ofNullable(sessions.get(id));
    }

    @Override
    public synchronized boolean createSession(Session session) {
        Session there = sessions.get(session.id());
        if (there != null) {
            return there.userId().equals(session.userId()) && there.name().equals(session.name());
        }
        if (!of(EntityKind.USER).containsKey(session.userId())) {
            throw new StoreException("no such user: " + session.userId());
        }
        if (!sessions(session.userId(), null, session.name()).isEmpty()) {
            return false;
        }
        sessions.put(session.id(), session);
        return true;
    }

    @Override
    public synchronized Updated<Session> renameSession(String id, String name, Instant updatedAt) {
        Session old = sessions.get(id);
        if (old == null) {
            return Updated.notFound();
        }
        if (sessions(old.userId(), null, name).stream().anyMatch(s -> !s.id().equals(id))) {
            return Updated.nameTaken();
        }
        Session renamed = new Session(id, old.userId(), old.agentId(), name, old.createdAt(), updatedAt);
        sessions.put(id, renamed);
        return Updated.done(renamed);
    }

    synchronized void removeSession(String id) {
        sessions.remove(id);
    }

    synchronized void removeUser(String id) {
        of(EntityKind.USER).remove(id);
    }

    /** Keeps the receipt, unless there is one for the same thing. */
    synchronized void keep(ErasureReceipt receipt) {
        receipts.putIfAbsent(receipt.id(), receipt);
    }

    @Override
    public synchronized Optional<ErasureReceipt> erasure(String id) {
        return Optional.ofNullable(receipts.get(id));
    }

    private Map<String, Entity> of(EntityKind kind) {
        return kind == EntityKind.USER ? users : agents;
    }
}
