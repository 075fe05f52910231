package memfuse.cluster.http.backend;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import memfuse.cluster.http.input.Texts;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.directory.Session;
import memfuse.protocol.store.Bounded;
import org.jspecify.annotations.Nullable;

/**
 * The directory, asked without blocking, and a bounded memory of what exists.
 *
 * <p>Only what was found is remembered, and not for long, so another node's deletion is seen in the end; until then the
 * user's actor refuses what is gone. Whoever deletes through this node says so with {@code forget…}.
 */
public final class AsyncDirectory {
    private static final int MAX_SESSIONS = 100_000;
    private static final int MAX_ENTITIES = 20_000;
    private static final Duration REMEMBERED = Duration.ofMinutes(5);

    private final Directory directory;
    private final Executor blocking;
    private final Cache<String, String> userOfSession;
    private final Cache<Known, Known> entities;

    private record Known(EntityKind kind, String id) {}

    /**
     * Asks the directory.
     *
     * @param blocking runs its calls; the queue is bounded by the requests in work
     */
    public AsyncDirectory(Directory directory, Executor blocking) {
        this.directory = directory;
        this.blocking = blocking;
        this.userOfSession = cache(MAX_SESSIONS);
        this.entities = cache(MAX_ENTITIES);
    }

    private static <K, V> Cache<K, V> cache(int maxEntries) {
        // Evicts on the thread that writes: the default executor is the common pool.
        return Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .expireAfterWrite(REMEMBERED)
                .executor(Runnable::run)
                .build();
    }

    /** What {@code call} makes of the directory, with ids and names that it can keep. */
    public <T> CompletableFuture<T> ask(Function<Directory, T> call) {
        return CompletableFuture.supplyAsync(() -> call.apply(directory), blocking);
    }

    /** All of a kind, or only their bytes where those are more than that. */
    public CompletableFuture<Bounded<Entity>> list(EntityKind kind, long maxBytes) {
        return ask(all -> within(maxBytes, all.listBytes(kind), () -> all.list(kind)));
    }

    private static <T> Bounded<T> within(long maxBytes, long bytes, Supplier<List<T>> elements) {
        return new Bounded<>(bytes > maxBytes ? List.of() : elements.get(), bytes);
    }

    public CompletableFuture<Optional<Entity>> find(EntityKind kind, String id) {
        return findIfPossible(id, all -> all.find(kind, id));
    }

    public CompletableFuture<Optional<Entity>> findByName(EntityKind kind, String name) {
        return findIfPossible(name, all -> all.findByName(kind, name));
    }

    public CompletableFuture<Optional<ErasureReceipt>> erasure(String id) {
        return findIfPossible(id, all -> all.erasure(id));
    }

    public CompletableFuture<Optional<Session>> session(String id) {
        return findIfPossible(id, all -> all.session(id));
    }

    /** Sessions by creation, or only their bytes where those are more than that; each filter applies where it is given. */
    public CompletableFuture<Bounded<Session>> sessions(
            Optional<String> userId, Optional<String> agentId, Optional<String> name, long maxBytes) {
        boolean possible =
                Stream.of(userId, agentId, name).flatMap(Optional::stream).allMatch(AsyncDirectory::possible);
        return possible
                ? ask(all -> sessions(all, userId.orElse(null), agentId.orElse(null), name.orElse(null), maxBytes))
                : CompletableFuture.completedFuture(new Bounded<>(List.of(), 0));
    }

    private static Bounded<Session> sessions(
            Directory all, @Nullable String userId, @Nullable String agentId, @Nullable String name, long maxBytes) {
        return within(maxBytes, all.sessionsBytes(userId, agentId, name), () -> all.sessions(userId, agentId, name));
    }

    /** All sessions of a user by creation. */
    public CompletableFuture<List<Session>> sessionsOf(String userId) {
        return ask(all -> all.sessions(userId, null, null));
    }

    /** The id of the session's user; nothing where there is no such session. */
    public CompletableFuture<Optional<String>> userOf(String sessionId) {
        String known = userOfSession.getIfPresent(sessionId);
        if (known != null) {
            return CompletableFuture.completedFuture(Optional.of(known));
        }
        return session(sessionId)
                .thenApply(found -> found.map(session -> {
                    remember(session);
                    return session.userId();
                }));
    }

    /** The id of the session's user where it is remembered. */
    public Optional<String> rememberedUserOf(String sessionId) {
        return Optional.ofNullable(userOfSession.getIfPresent(sessionId));
    }

    private <T> CompletableFuture<Optional<T>> findIfPossible(String text, Function<Directory, Optional<T>> call) {
        return possible(text) ? ask(call) : CompletableFuture.completedFuture(Optional.empty());
    }

    /** Whether anything can have this id or name; the directory is asked for nothing else. */
    private static boolean possible(String text) {
        return Texts.isStorable(text) && Texts.utf8Bytes(text) <= Directory.MAX_TEXT_BYTES;
    }

    public CompletableFuture<Boolean> exists(EntityKind kind, String id) {
        Known entity = new Known(kind, id);
        if (entities.getIfPresent(entity) != null) {
            return CompletableFuture.completedFuture(true);
        }
        return find(kind, id).thenApply(found -> {
            found.ifPresent(there -> entities.put(entity, entity));
            return found.isPresent();
        });
    }

    public void remember(Session session) {
        userOfSession.put(session.id(), session.userId());
    }

    public void forgetSession(String sessionId) {
        userOfSession.invalidate(sessionId);
    }

    /** Forgets the entity, and a user's sessions with it. */
    public void forget(EntityKind kind, String id) {
        entities.invalidate(new Known(kind, id));
        if (kind == EntityKind.USER) {
            userOfSession.asMap().values().removeIf(id::equals);
        }
    }
}
