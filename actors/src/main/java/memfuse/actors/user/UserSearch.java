package memfuse.actors.user;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import memfuse.actors.retrieval.FactSearch;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.QueryCache;
import memfuse.actors.retrieval.ScoredUnit;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.actors.retrieval.UnitSource;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
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
    private final UserFacts facts;
    private final int maxTopK;
    private final QueryCache<Options, Found> cache;

    /**
     * What is remembered of an answer; names and layers are put to it anew each time.
     *
     * @param byMeaning whether the query's embedding took part
     */
    record Found(List<ScoredUnit> units, boolean byMeaning) {}

    /** What makes answers to the same words different. */
    private record Options(
            @Nullable String agentId, int topK, StoreType storeType, boolean messages, boolean knowledge) {
        static Options of(QueryRequest request) {
            return new Options(
                    request.agentId(),
                    request.topK(),
                    request.storeType(),
                    request.includeMessages(),
                    request.includeKnowledge());
        }
    }

    /** @param index searched only when it is ready */
    UserSearch(UserIndex index, UserSessions sessions, UserFacts facts, UserSettings settings) {
        this.index = index;
        this.sessions = sessions;
        this.facts = facts;
        this.maxTopK = settings.maxTopK();
        this.cache = new QueryCache<>(settings.queryCacheSize(), settings.similarityThreshold());
    }

    /** Whether the query's embedding plays a part. */
    static boolean asksForMeaning(QueryRequest request) {
        return searchesUnits(request) && request.storeType() != StoreType.KEYWORD;
    }

    /** Whether what is known of facts plays a part. */
    static boolean usesFacts(QueryRequest request) {
        return request.includeMessages() && request.storeType() == StoreType.ALL;
    }

    private static boolean searchesUnits(QueryRequest request) {
        return request.includeMessages() || request.includeKnowledge();
    }

    /** What was found for the same query, if nothing has changed since; otherwise null. */
    @Nullable
    Found remembered(QueryRequest request) {
        return cache.find(request.query(), Options.of(request), index.version()).orElse(null);
    }

    /**
     * What was found for a query that asks the same, if nothing has changed since; otherwise null. Never where a text has
     * all words of this query, and so may be what is looked for.
     */
    @Nullable
    Found similar(QueryRequest request, float[] vector) {
        Found found = cache.findSimilar(request.query(), vector, Options.of(request), index.version())
                .orElse(null);
        return found == null || index.index().hasAllWordsOf(request.query()) ? null : found;
    }

    /** @param version the version that was searched */
    void remember(QueryRequest request, float @Nullable [] vector, long version, Found found) {
        cache.put(request.query(), Options.of(request), version, vector, found);
    }

    /** Forgets all answers, and with them the texts that they quote. */
    void forget() {
        cache.clear();
    }

    /** Searches; without a vector, by words alone. */
    Found search(QueryRequest request, float @Nullable [] vector) {
        return search(index.index(), facts.known(), request, vector, sessionId -> isSearched(sessionId, request));
    }

    /** The same search, to be made on any thread while nothing changes the index. */
    Supplier<Found> searchElsewhere(QueryRequest request, float @Nullable [] vector) {
        MemoryIndex searched = index.index();
        FactSearch known = facts.known();
        Set<String> searchedIds = new HashSet<>();
        for (String sessionId : sessions.ids()) {
            if (isSearched(sessionId, request)) {
                searchedIds.add(sessionId);
            }
        }
        return () -> search(
                searched,
                known,
                request,
                vector,
                sessionId -> UnitKey.isKnowledge(sessionId) || searchedIds.contains(sessionId));
    }

    private Found search(
            MemoryIndex searched,
            FactSearch known,
            QueryRequest request,
            float @Nullable [] vector,
            Predicate<String> searchedSessions) {
        if (!searchesUnits(request)) {
            return new Found(List.of(), false);
        }
        SearchRequest.Mode mode = switch (request.storeType()) {
            case VECTOR -> SearchRequest.Mode.VECTOR;
            case KEYWORD -> SearchRequest.Mode.KEYWORD;
            default -> SearchRequest.Mode.ALL;
        };
        List<ScoredUnit> units = searched.search(new SearchRequest(
                request.query(),
                vector,
                Math.min(request.topK(), maxTopK),
                mode,
                searchedSessions,
                source -> source == UnitSource.KNOWLEDGE ? request.includeKnowledge() : request.includeMessages(),
                usesFacts(request) ? known.evidence(request.query()) : Map.of()));
        return new Found(units, vector != null);
    }

    /** Knowledge is of no session, and so for every agent. */
    private boolean isSearched(String sessionId, QueryRequest request) {
        if (UnitKey.isKnowledge(sessionId)) {
            return true;
        }
        SessionSlot slot = sessions.find(sessionId);
        return slot != null && (request.agentId() == null || request.agentId().equals(slot.session.agentId()));
    }

    /** The hits with their sessions and layers as they are now. */
    Hits hits(Found found, boolean cached) {
        List<Hit> hits = new ArrayList<>(found.units().size());
        for (ScoredUnit scored : found.units()) {
            UnitKey key = scored.unit().key();
            SessionSlot slot = sessions.findAny(key.sessionId());
            if (key.fromKnowledge()) {
                hits.add(hit(scored, null, null, Hit.Layer.KNOWLEDGE));
            } else if (slot != null) {
                hits.add(hit(scored, scored.unit().role(), slot.session, layer(key.seq(), slot.watermarks)));
            }
        }
        return new Hits(hits, cached, found.byMeaning());
    }

    private static Hit hit(ScoredUnit scored, @Nullable Role role, @Nullable Session session, Hit.Layer layer) {
        IndexedUnit unit = scored.unit();
        return new Hit(
                unit.messageId(),
                unit.text(),
                scored.score(),
                scored.similarity(),
                role,
                unit.name(),
                unit.createdAt(),
                unit.updatedAt(),
                session,
                layer,
                unit.key().chunkNo(),
                scored.otherChunks());
    }

    static Hit.Layer layer(long seq, @Nullable Watermarks watermarks) {
        if (watermarks == null || seq <= watermarks.flushed()) {
            return Hit.Layer.M1;
        }
        return seq <= watermarks.transferred() ? Hit.Layer.HYBRID_BUFFER : Hit.Layer.ROUND_BUFFER;
    }
}
