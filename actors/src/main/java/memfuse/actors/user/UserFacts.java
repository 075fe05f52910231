package memfuse.actors.user;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import memfuse.actors.retrieval.FactSearch;
import memfuse.actors.session.FactLayer;
import org.jspecify.annotations.Nullable;

/**
 * What queries know of a user's facts: read at the first query, and again now and then, since facts come in the background
 * and nobody tells of them. Only the first query waits for them. Owned by the user's actor.
 */
final class UserFacts {
    /** A query this long after the facts were read has them read again, for later ones. */
    static final Duration REFRESH_AFTER = Duration.ofSeconds(30);

    private final String userId;
    private final FactLayer layer;
    private final Executor storeExecutor;
    private final Continuations continuations;
    private final InstantSource clock;
    private final Runnable onChanged;

    /** Who waits for the first reading. */
    private final Deque<Runnable> waiting = new ArrayDeque<>();

    private FactSearch known = FactSearch.NONE;
    private @Nullable Instant readAt;

    /** Whether what is known was given up since. */
    private boolean forgotten;

    /** The reading under way, or null; one that was begun before something was to be forgotten is not it any more. */
    private @Nullable Object reading;

    /** @param onChanged is called when queries may find something else than before */
    UserFacts(String userId, UserServices services, Continuations continuations, Runnable onChanged) {
        this.userId = userId;
        this.layer = services.sessions().facts();
        this.storeExecutor = services.storeThreads().of(userId);
        this.continuations = continuations;
        this.clock = services.clock();
        this.onChanged = onChanged;
    }

    /** The facts as they were read last; none before that. */
    FactSearch known() {
        return known;
    }

    /** Queries that wait. */
    int waiting() {
        return waiting.size();
    }

    /** Begins to read, where that is due. */
    void refresh() {
        boolean due = readAt == null || forgotten || readAt.plus(REFRESH_AFTER).isBefore(clock.instant());
        if (due && reading == null && layer != FactLayer.NONE) {
            read();
        }
    }

    /** Goes on when the facts were read once, or cannot be. */
    void whenRead(Runnable next) {
        refresh();
        if (readAt == null && reading != null) {
            waiting.add(next);
        } else {
            next.run();
        }
    }

    private void read() {
        Object own = new Object();
        reading = own;
        forgotten = false;
        continuations.then(
                CompletableFuture.supplyAsync(() -> FactSearch.of(layer.current(userId)), storeExecutor),
                (read, failure) -> {
                    if (reading == own) {
                        reading = null;
                        take(read);
                    }
                });
    }

    /** @param read null where the store did not answer: queries go on without, and the next one tries again */
    private void take(@Nullable FactSearch read) {
        if (read != null) {
            boolean changed = !read.equals(known);
            known = read;
            readAt = clock.instant();
            if (changed) {
                onChanged.run();
            }
        }
        while (!waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    /** Texts are gone that facts may speak of: nothing that was read before is kept, and the next query begins to read. */
    void forget() {
        known = FactSearch.NONE;
        reading = null;
        forgotten = true;
        if (!waiting.isEmpty()) {
            read();
        }
    }
}
