package memfuse.actors.user;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.UnitEmbedder;
import memfuse.actors.user.UserSearch.Found;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A user's queries on their way: they wait for the index, are looked up in the cache, embedded, searched and answered.
 * Owned by the user's actor.
 */
final class UserQueries {
    private final UserSettings settings;
    private final UserCounters counters;
    private final QueryEmbedder embedder;
    private final UnitEmbedder unitEmbedder;
    private final UserSessions sessions;
    private final Continuations continuations;
    private final UserIndex index = new UserIndex(this::forgetAnswers);
    private final IndexLoader loader;
    private final UserSearch search;
    private final GraphQueries graph;

    /** Who waits for the index. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Queries whose embedding is being made. */
    private int embedding;

    private record Asked(QueryRequest request, Consumer<Reply> onReply) {}

    private record Waiting(Runnable onReady, Consumer<Reply> onFailed) {}

    UserQueries(
            String userId,
            UserServices services,
            UserSessions sessions,
            SessionGate gate,
            Continuations continuations) {
        this.settings = services.settings();
        this.counters = services.counters();
        this.embedder = services.queryEmbedder();
        this.unitEmbedder = services.sessions().embedder();
        this.sessions = sessions;
        this.continuations = continuations;
        this.loader = new IndexLoader(
                userId, services, index, sessions, gate, continuations, this::onIndexReady, this::onIndexFailed);
        this.search = new UserSearch(index, sessions, settings);
        this.graph = new GraphQueries(userId, services, index, sessions, continuations);
    }

    /** What changes of the user's memory are told to. */
    UserIndex index() {
        return index;
    }

    private void forgetAnswers() {
        search.forget();
        unitEmbedder.forgetTexts();
    }

    boolean isIdle() {
        return waiting.isEmpty() && underWay() == 0;
    }

    private int underWay() {
        return embedding + graph.underWay();
    }

    /** Takes up a query; {@code onReply} is called once, now or later. The first query begins to load the index. */
    void ask(QueryRequest request, Consumer<Reply> onReply) {
        if (request.sessionId() != null && sessions.find(request.sessionId()) == null) {
            onReply.accept(Refusals.sessionNotFound(request.sessionId()));
        } else if (request.topK() <= 0) {
            onReply.accept(new Hits(List.of(), false, false));
        } else {
            Asked asked = new Asked(request, onReply);
            withIndex(() -> answer(asked), onReply);
        }
    }

    /**
     * Does {@code work} with the index, now or when that is loaded.
     *
     * @param onRefused is called instead where too much is under way or the index cannot be had
     */
    void withIndex(Runnable work, Consumer<Reply> onRefused) {
        if (waiting.size() + underWay() >= settings.maxInFlight()) {
            onRefused.accept(Refusals.overloaded("userMaxInFlight=" + settings.maxInFlight()));
        } else if (index.isReady()) {
            work.run();
        } else {
            waiting.add(new Waiting(work, onRefused));
            if (!index.isLoading()) {
                loader.begin();
            }
        }
    }

    private void onIndexReady() {
        while (!waiting.isEmpty()) {
            waiting.remove().onReady().run();
        }
    }

    private void onIndexFailed(Refused refusal) {
        while (!waiting.isEmpty()) {
            waiting.remove().onFailed().accept(refusal);
        }
    }

    /** The store may have more than is known, or something else: it is read again before anything is searched. */
    void reloadIndex() {
        index.discard();
        if (!waiting.isEmpty()) {
            loader.begin();
        }
    }

    /** The store has these embeddings. */
    void takeVectors(List<UnitVector> vectors) {
        if (!vectors.isEmpty()) {
            index.apply(new IndexChange.VectorsReady(List.copyOf(vectors)));
        }
    }

    private void answer(Asked asked) {
        QueryRequest request = asked.request();
        if (request.storeType() == StoreType.GRAPH) {
            graph.answer(request, asked.onReply());
            return;
        }
        Found remembered = search.remembered(request);
        if (remembered != null) {
            counters.answeredAsTheSameQuery();
            asked.onReply().accept(search.hits(remembered, true));
            return;
        }
        Optional<CompletionStage<float[]>> vector =
                UserSearch.asksForMeaning(request) ? embedder.embed(request.query()) : Optional.empty();
        if (vector.isEmpty()) {
            searchAndRemember(asked, null);
        } else {
            embedding++;
            continuations.then(inTime(vector.get()), (floats, failure) -> {
                embedding--;
                if (!index.isReady()) { // it is loaded anew
                    withIndex(() -> answer(asked), asked.onReply());
                } else if (floats != null) {
                    answerByMeaning(asked, floats);
                } else if (request.storeType() == StoreType.VECTOR) {
                    asked.onReply().accept(Refusals.unavailable("the query could not be embedded in time"));
                } else {
                    counters.searched();
                    asked.onReply().accept(search.hits(search.search(request, null), false)); // by words, this time
                }
            });
        }
    }

    private CompletionStage<float[]> inTime(CompletionStage<float[]> vector) {
        return vector.thenApply(floats -> floats)
                .toCompletableFuture()
                .orTimeout(settings.embeddingTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void answerByMeaning(Asked asked, float[] vector) {
        Found similar = search.similar(asked.request(), vector);
        if (similar == null) {
            searchAndRemember(asked, vector);
        } else {
            counters.answeredAsASimilarQuery();
            asked.onReply().accept(search.hits(similar, true));
        }
    }

    private void searchAndRemember(Asked asked, float @Nullable [] vector) {
        counters.searched();
        Found found = search.search(asked.request(), vector);
        search.remember(asked.request(), vector, found);
        asked.onReply().accept(search.hits(found, false));
    }
}
