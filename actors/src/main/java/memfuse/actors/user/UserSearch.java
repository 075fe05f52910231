package memfuse.actors.user;

import java.util.ArrayList;
import java.util.List;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.QueryCache;
import memfuse.actors.retrieval.ScoredUnit;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Hits;
import org.jspecify.annotations.Nullable;

/**
 * Searches a user's index, remembers what was found until something changes, and makes hits of it. Not thread-safe; owned
 * by the user's actor.
 */
final class UserSearch {
    private final UserIndex index;
    private final UserSessions sessions;
    private final int maxTopK;
    private final QueryCache<Options, Found> cache;

    /**
     * What is remembered of an answer; names and layers are put to it anew each time.
     *
     * @param byMeaning whether the query's embedding took part
     */
    record Found(List<ScoredUnit> units, boolean byMeaning) {}

    /** What makes answers to the same words different. */
    private record Options(@Nullable String agentId, int topK, StoreType storeType, boolean includeMessages) {
        static Options of(QueryRequest request) {
            return new Options(request.agentId(), request.topK(), request.storeType(), request.includeMessages());
        }
    }

    /** @param index searched only when it is ready */
    UserSearch(UserIndex index, UserSessions sessions, UserSettings settings) {
        this.index = index;
        this.sessions = sessions;
        this.maxTopK = settings.maxTopK();
        this.cache = new QueryCache<>(settings.queryCacheSize());
    }

    /** Whether the query's embedding plays a part. */
    static boolean asksForMeaning(QueryRequest request) {
        return searchesMessages(request) && request.storeType() != StoreType.KEYWORD;
    }

    private static boolean searchesMessages(QueryRequest request) {
        return request.includeMessages() && request.storeType() != StoreType.GRAPH;
    }

    /** What was found for the same query, if nothing has changed since; otherwise null. */
    @Nullable
    Found remembered(QueryRequest request) {
        return cache.find(request.query(), Options.of(request), index.version()).orElse(null);
    }

    void remember(QueryRequest request, Found found) {
        cache.put(request.query(), Options.of(request), index.version(), found);
    }

    /** Forgets all answers, and with them the texts that they quote. */
    void forget() {
        cache.clear();
    }

    /** Searches; without a vector, by words alone. */
    Found search(QueryRequest request, float @Nullable [] vector) {
        if (!searchesMessages(request)) {
            return new Found(List.of(), false);
        }
        SearchRequest.Mode mode = switch (request.storeType()) {
            case VECTOR -> SearchRequest.Mode.VECTOR;
            case KEYWORD -> SearchRequest.Mode.KEYWORD;
            default -> SearchRequest.Mode.ALL;
        };
        List<ScoredUnit> units = index.index()
                .search(new SearchRequest(
                        request.query(),
                        vector,
                        Math.min(request.topK(), maxTopK),
                        mode,
                        sessionId -> isSearched(sessionId, request),
                        source -> true));
        return new Found(units, vector != null);
    }

    private boolean isSearched(String sessionId, QueryRequest request) {
        SessionSlot slot = sessions.find(sessionId);
        return slot != null && (request.agentId() == null || request.agentId().equals(slot.session.agentId()));
    }

    /** The hits with their sessions and layers as they are now. */
    Hits hits(Found found, boolean cached) {
        List<Hit> hits = new ArrayList<>(found.units().size());
        for (ScoredUnit scored : found.units()) {
            SessionSlot slot = sessions.findAny(scored.unit().key().sessionId());
            if (slot != null) {
                hits.add(hit(scored, slot));
            }
        }
        return new Hits(hits, cached, found.byMeaning());
    }

    private static Hit hit(ScoredUnit scored, SessionSlot slot) {
        IndexedUnit unit = scored.unit();
        return new Hit(
                unit.messageId(),
                unit.text(),
                scored.score(),
                scored.similarity(),
                unit.role(),
                unit.name(),
                unit.createdAt(),
                unit.updatedAt(),
                slot.session,
                layer(unit.key().seq(), slot.watermarks),
                unit.key().chunkNo(),
                scored.otherChunks());
    }

    private static Hit.Layer layer(long seq, @Nullable Watermarks watermarks) {
        if (watermarks == null || seq <= watermarks.flushed()) {
            return Hit.Layer.M1;
        }
        return seq <= watermarks.transferred() ? Hit.Layer.HYBRID_BUFFER : Hit.Layer.ROUND_BUFFER;
    }
}
