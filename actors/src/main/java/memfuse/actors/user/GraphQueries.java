package memfuse.actors.user;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import memfuse.actors.retrieval.FactSearch;
import memfuse.actors.retrieval.FactSearch.FoundFact;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.session.FactLayer;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A user's queries of the facts alone: answered with the messages that give evidence of what was found. Owned by the
 * user's actor.
 */
final class GraphQueries {
    private final String userId;
    private final FactLayer facts;
    private final Executor storeExecutor;
    private final UserIndex index;
    private final UserSessions sessions;
    private final int maxTopK;
    private final Continuations continuations;
    private final BiConsumer<Runnable, Consumer<Reply>> whenIndexReady;
    private int underWay;

    /**
     * @param index where the messages are
     * @param whenIndexReady does something with it when it is ready, or refuses
     */
    GraphQueries(
            String userId,
            UserServices services,
            UserIndex index,
            UserSessions sessions,
            Continuations continuations,
            BiConsumer<Runnable, Consumer<Reply>> whenIndexReady) {
        this.userId = userId;
        this.facts = services.sessions().facts();
        this.storeExecutor = services.storeThreads().of(userId);
        this.index = index;
        this.sessions = sessions;
        this.maxTopK = services.settings().maxTopK();
        this.continuations = continuations;
        this.whenIndexReady = whenIndexReady;
    }

    int underWay() {
        return underWay;
    }

    void answer(QueryRequest request, Consumer<Reply> onReply) {
        if (!request.includeMessages()) {
            onReply.accept(new Hits(List.of(), false, false));
            return;
        }
        underWay++;
        continuations.then(
                CompletableFuture.supplyAsync(
                        () -> FactSearch.of(facts.current(userId)).search(request.query()), storeExecutor),
                (found, failure) -> {
                    underWay--;
                    if (found == null) {
                        onReply.accept(Refusals.storeFailed(failure));
                    } else {
                        whenIndexReady.accept(() -> onReply.accept(hits(request, found)), onReply);
                    }
                });
    }

    private Hits hits(QueryRequest request, List<FoundFact> found) {
        int topK = Math.min(request.topK(), maxTopK);
        Set<UnitKey> seen = new HashSet<>();
        List<Hit> hits = new ArrayList<>();
        for (FoundFact each : found) {
            for (Fact.Evidence evidence : each.fact().evidence()) {
                UnitKey key = new UnitKey(each.fact().sessionId(), evidence.seq(), 0);
                Hit hit = hits.size() < topK && seen.add(key) ? hit(request, key, each.score()) : null;
                if (hit != null) {
                    hits.add(hit);
                }
            }
        }
        return new Hits(hits, false, false);
    }

    /** The message as it is now; null where it is gone, or is not asked for. */
    private @Nullable Hit hit(QueryRequest request, UnitKey key, double score) {
        SessionSlot slot = sessions.find(key.sessionId());
        IndexedUnit unit = index.index().get(key);
        boolean asked =
                slot != null && (request.agentId() == null || request.agentId().equals(slot.session.agentId()));
        if (slot == null || unit == null || !asked) {
            return null;
        }
        return new Hit(
                unit.messageId(),
                unit.text(),
                score,
                0,
                unit.role(),
                unit.name(),
                unit.createdAt(),
                unit.updatedAt(),
                slot.session,
                Hit.Layer.M2,
                unit.key().chunkNo(),
                List.of());
    }
}
