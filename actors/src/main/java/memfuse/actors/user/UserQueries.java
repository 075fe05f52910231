package memfuse.actors.user;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.QueryCache;
import memfuse.actors.retrieval.ScoredUnit;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Watermarks;
import org.jspecify.annotations.Nullable;

/**
 * A user's queries on their way: they wait for the index, are looked up in the cache, embedded, searched and answered.
 *
 * <p>All methods are called on the thread of the user's actor.
 */
final class UserQueries {
    private final String userId;
    private final UserSettings settings;
    private final LayerStore store;
    private final Executor storeExecutor;
    private final QueryEmbedder embedder;
    private final Supplier<MemoryIndex> newIndex;
    private final Map<String, SessionSlot> sessions;
    private final Continuations continuations;
    private final UserIndex index = new UserIndex();
    private final QueryCache<Options, Answer> cache;

    /** Queries that wait for the index. */
    private final Deque<Query> waiting = new ArrayDeque<>();

    /** Queries whose embedding is being made. */
    private int embedding;

    /** What is remembered of an answer; names and layers are put to it anew each time. */
    private record Answer(List<ScoredUnit> units, boolean byMeaning) {}

    /** What makes answers to the same words different. */
    private record Options(@Nullable String agentId, int topK, StoreType storeType, boolean includeMessages) {
        static Options of(QueryRequest request) {
            return new Options(request.agentId(), request.topK(), request.storeType(), request.includeMessages());
        }
    }

    UserQueries(String userId, UserServices services, Map<String, SessionSlot> sessions, Continuations continuations) {
        this.userId = userId;
        this.settings = services.settings();
        this.store = services.store();
        this.storeExecutor = services.storeExecutor();
        this.embedder = services.queryEmbedder();
        this.newIndex = services.newIndex();
        this.sessions = sessions;
        this.continuations = continuations;
        this.cache = new QueryCache<>(settings.queryCacheSize());
    }

    /** What changes of the user's memory are told to. */
    UserIndex index() {
        return index;
    }

    boolean isIdle() {
        return waiting.isEmpty() && embedding == 0;
    }

    /**
     * Takes up a query; it is answered now or later.
     *
     * @return the loading of the index that has begun with this query, or null: {@link #load} is to be called for it when
     *     all sessions have told what they have not stored
     */
    UserIndex.@Nullable Loading ask(Query query) {
        QueryRequest request = query.query();
        if (request.sessionId() != null && !isThere(request.sessionId())) {
            query.replyTo().tell(Refusals.sessionNotFound(request.sessionId()));
            return null;
        }
        if (request.topK() <= 0) {
            query.replyTo().tell(new Hits(List.of(), false, false));
            return null;
        }
        if (waiting.size() + embedding >= settings.maxInFlight()) {
            query.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + settings.maxInFlight()));
            return null;
        }
        if (index.isReady()) {
            answer(query);
            return null;
        }
        waiting.add(query);
        if (index.isLoading()) {
            return null;
        }
        return index.beginLoading();
    }

    /** Reads what the store has; everything else is recorded by now. */
    void load(UserIndex.Loading loading) {
        if (!index.isCurrent(loading)) {
            return;
        }
        continuations.then(
                CompletableFuture.supplyAsync(
                        () -> {
                            MemoryIndex loaded = newIndex.get();
                            store.streamUnits(userId, loaded::add);
                            return loaded;
                        },
                        storeExecutor),
                (loaded, failure) -> onLoaded(loading, loaded, failure));
    }

    private void onLoaded(UserIndex.Loading loading, @Nullable MemoryIndex loaded, @Nullable Throwable failure) {
        if (loaded == null) {
            abandon(loading, Refusals.storeFailed(failure));
        } else if (index.isCurrent(loading)) {
            index.finishLoading(loading, loaded);
            while (!waiting.isEmpty()) {
                answer(waiting.remove());
            }
        }
    }

    /** The index cannot be had now: the queries that wait for it are refused, and the next one tries again. */
    void abandon(UserIndex.Loading loading, Refused refusal) {
        if (index.isCurrent(loading)) {
            index.abandonLoading();
            waiting.forEach(query -> query.replyTo().tell(refusal));
            waiting.clear();
        }
    }

    private void answer(Query query) {
        QueryRequest request = query.query();
        Optional<Answer> cached = cache.find(request.query(), Options.of(request), index.version());
        if (cached.isPresent()) {
            reply(query, cached.get(), true);
            return;
        }
        Optional<CompletionStage<float[]>> vector =
                asksForMeaning(request) ? embedder.embed(request.query()) : Optional.empty();
        if (vector.isEmpty()) {
            reply(query, remember(request, search(request, null)), false);
            return;
        }
        embedding++;
        CompletionStage<float[]> inTime = vector.get()
                .thenApply(floats -> floats)
                .toCompletableFuture()
                .orTimeout(settings.embeddingTimeout().toMillis(), TimeUnit.MILLISECONDS);
        continuations.then(inTime, (floats, failure) -> {
            embedding--;
            if (floats != null) {
                reply(query, remember(request, search(request, floats)), false);
            } else if (request.storeType() == StoreType.VECTOR) {
                query.replyTo().tell(Refusals.unavailable("the query could not be embedded in time"));
            } else {
                reply(query, search(request, null), false); // by words, this time
            }
        });
    }

    private static boolean searchesMessages(QueryRequest request) {
        return request.includeMessages() && request.storeType() != StoreType.GRAPH;
    }

    private static boolean asksForMeaning(QueryRequest request) {
        return searchesMessages(request) && request.storeType() != StoreType.KEYWORD;
    }

    private Answer remember(QueryRequest request, Answer answer) {
        cache.put(request.query(), Options.of(request), index.version(), answer);
        return answer;
    }

    /** Searches; without a vector, by words alone. */
    private Answer search(QueryRequest request, float @Nullable [] vector) {
        if (!searchesMessages(request)) {
            return new Answer(List.of(), false);
        }
        SearchRequest.Mode mode = switch (request.storeType()) {
            case VECTOR -> SearchRequest.Mode.VECTOR;
            case KEYWORD -> SearchRequest.Mode.KEYWORD;
            default -> SearchRequest.Mode.ALL;
        };
        List<ScoredUnit> found = index.index()
                .search(new SearchRequest(
                        request.query(),
                        vector,
                        Math.min(request.topK(), settings.maxTopK()),
                        mode,
                        sessionId -> isSearched(sessionId, request),
                        source -> true));
        return new Answer(found, vector != null);
    }

    private boolean isThere(String sessionId) {
        SessionSlot slot = sessions.get(sessionId);
        return slot != null && slot.erasure == null;
    }

    private boolean isSearched(String sessionId, QueryRequest request) {
        SessionSlot slot = sessions.get(sessionId);
        return slot != null
                && slot.erasure == null
                && (request.agentId() == null || request.agentId().equals(slot.session.agentId()));
    }

    private void reply(Query query, Answer answer, boolean cached) {
        List<Hit> hits = new ArrayList<>(answer.units().size());
        for (ScoredUnit found : answer.units()) {
            SessionSlot slot = sessions.get(found.unit().key().sessionId());
            if (slot != null) {
                hits.add(hit(found, slot));
            }
        }
        query.replyTo().tell(new Hits(hits, cached, answer.byMeaning()));
    }

    private static Hit hit(ScoredUnit found, SessionSlot slot) {
        IndexedUnit unit = found.unit();
        return new Hit(
                unit.messageId(),
                unit.text(),
                found.score(),
                found.similarity(),
                unit.role(),
                unit.name(),
                unit.createdAt(),
                unit.updatedAt(),
                slot.session,
                layer(unit.key().seq(), slot.watermarks),
                unit.key().chunkNo(),
                found.otherChunks());
    }

    private static Hit.Layer layer(long seq, @Nullable Watermarks watermarks) {
        if (watermarks == null || seq <= watermarks.flushed()) {
            return Hit.Layer.M1;
        }
        return seq <= watermarks.transferred() ? Hit.Layer.HYBRID_BUFFER : Hit.Layer.ROUND_BUFFER;
    }
}
