package memfuse.actors.user;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.UnitEmbedder;
import memfuse.actors.user.UserSearch.Found;
import memfuse.protocol.Cause;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * A user's queries on their way: they wait for the index, are looked up in the cache, embedded, searched and answered.
 * Owned by the user's actor.
 */
final class UserQueries {
    private final String userId;
    private final ActorRef<UserProtocol.Command> self;
    private final IndexBudget indexes;
    private final Executor searchExecutor;
    private final UserSettings settings;
    private final UserCounters counters;
    private final QueryEmbedder embedder;
    private final UnitEmbedder unitEmbedder;
    private final UserSessions sessions;
    private final Continuations continuations;
    private final UserIndex index = new UserIndex(this::forgetAnswers);
    private final IndexLoader loader;
    private final UserFacts facts;
    private final UserSearch search;
    private final GraphQueries graph;

    /** Who waits for the index. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Queries whose embedding is being made. */
    private int embedding;

    /** Queries that are searched for on other threads. */
    private int searching;

    /** Searches elsewhere after which one is made here, because texts go while they are made. */
    private static final int MAX_ELSEWHERE = 3;

    private record Asked(QueryRequest request, Consumer<Reply> onReply) {}

    private record Waiting(Runnable onReady, Consumer<Reply> onFailed) {}

    /** @param self the user's actor */
    UserQueries(
            String userId,
            ActorRef<UserProtocol.Command> self,
            UserServices services,
            UserSessions sessions,
            SessionGate gate,
            Continuations continuations) {
        this.userId = userId;
        this.self = self;
        this.indexes = services.indexes();
        this.searchExecutor = services.searchThreads().of(userId);
        this.settings = services.settings();
        this.counters = services.counters();
        this.embedder = services.queryEmbedder();
        this.unitEmbedder = services.sessions().embedder();
        this.sessions = sessions;
        this.continuations = continuations;
        this.loader = new IndexLoader(
                userId, self, services, index, sessions, gate, continuations, this::onIndexReady, this::onIndexFailed);
        this.facts = new UserFacts(userId, services, continuations, index::rankingChanged);
        this.search = new UserSearch(index, sessions, facts, settings);
        this.graph = new GraphQueries(userId, services, index, sessions, continuations, this::whenReady);
    }

    /** What changes of the user's memory are told to. */
    UserIndex index() {
        return index;
    }

    /** Keeps nothing of what was asked: something was erased that the queries may speak of. */
    void forgetAsked() {
        forgetAnswers();
        embedder.forget();
    }

    private void forgetAnswers() {
        search.forget();
        facts.forget();
        unitEmbedder.forgetTexts();
    }

    /** The layers have changes by now that facts may have been read without. */
    void forgetFacts() {
        facts.forget();
        index.rankingChanged();
    }

    boolean isIdle() {
        return waiting.isEmpty() && underWay() == 0;
    }

    private int underWay() {
        return embedding + searching + facts.waiting() + graph.underWay();
    }

    /** Takes up a query; {@code onReply} is called once, now or later. The first query begins to load the index. */
    void ask(QueryRequest request, Consumer<Reply> onReply) {
        if (request.sessionId() != null && sessions.find(request.sessionId()) == null) {
            onReply.accept(Refusals.sessionNotFound(request.sessionId()));
        } else if (request.topK() <= 0) {
            onReply.accept(new Hits(List.of(), false, false));
        } else {
            Asked asked = new Asked(request, onReply);
            if (UserSearch.usesFacts(request)) {
                facts.refresh(); // while the index is loaded
            }
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
        } else {
            whenReady(work, onRefused);
        }
    }

    private void whenReady(Runnable work, Consumer<Reply> onRefused) {
        if (index.isReady()) {
            work.run();
        } else {
            waiting.add(new Waiting(work, onRefused));
            if (index.isAbsent()) {
                loader.begin();
            }
        }
    }

    private void onIndexReady() {
        indexUsed();
        goOn();
    }

    private void goOn() {
        while (!waiting.isEmpty() && index.isReady()) {
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
        } else if (UserSearch.usesFacts(request)) {
            facts.whenRead(() -> whenReady(() -> answerFromIndex(asked), asked.onReply()));
        } else {
            answerFromIndex(asked);
        }
    }

    private void answerFromIndex(Asked asked) {
        QueryRequest request = asked.request();
        Found remembered = search.remembered(request);
        if (remembered != null) {
            counters.answeredAsTheSameQuery();
            asked.onReply().accept(search.hits(remembered, true));
            return;
        }
        Optional<CompletionStage<float[]>> vector =
                UserSearch.asksForMeaning(request) ? embedder.embed(userId, request.query()) : Optional.empty();
        if (vector.isEmpty()) {
            searchAndRemember(asked, null);
        } else {
            embedding++;
            continuations.then(inTime(vector.get()), (floats, failure) -> {
                embedding--;
                if (!index.isReady()) { // it is loaded anew, or changes wait
                    whenReady(() -> answerFromIndex(asked), asked.onReply());
                } else if (floats != null) {
                    answerByMeaning(asked, floats);
                } else if (request.storeType() == StoreType.VECTOR) {
                    asked.onReply().accept(Refusals.unavailable("the query could not be embedded in time"));
                } else {
                    counters.searched();
                    search(asked, null, 0, found -> {}); // by words, this time
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
        long version = index.version();
        search(asked, vector, 0, found -> search.remember(asked.request(), vector, version, found));
    }

    /**
     * Searches and answers: a small index here and now, a large one on another thread, while changes wait in line and
     * nothing else waits. If a text went meanwhile, what was found may have it, and is not told: it is searched again.
     *
     * @param before searches for this query that came to nothing
     */
    private void search(Asked asked, float @Nullable [] vector, int before, Consumer<Found> remember) {
        if (before == MAX_ELSEWHERE || index.index().size() < settings.searchAsideFrom()) {
            tell(asked, search.search(asked.request(), vector), remember);
            return;
        }
        searching++;
        UserIndex.Reading reading = index.beginReading();
        continuations.then(
                CompletableFuture.supplyAsync(search.searchElsewhere(asked.request(), vector), searchExecutor),
                (found, failure) -> {
                    searching--;
                    boolean holds = index.endReading(reading);
                    if (found == null) {
                        asked.onReply().accept(Refusals.unavailable("the search failed: " + Cause.of(failure)));
                    } else if (holds) {
                        tell(asked, found, remember);
                    } else {
                        whenReady(() -> search(asked, vector, before + 1, remember), asked.onReply());
                    }
                    goOn();
                });
    }

    private void tell(Asked asked, Found found, Consumer<Found> remember) {
        indexUsed();
        remember.accept(found);
        asked.onReply().accept(search.hits(found, false));
    }

    private long heapBytes() {
        return index.heapBytes() + facts.known().heapBytes();
    }

    private void indexUsed() {
        indexes.used(userId, self, heapBytes());
    }

    /** Tells the node what the index takes, though nobody asks anything. */
    void measureIndex() {
        indexes.measured(userId, self, heapBytes());
    }

    /** Gives up the index for others, unless it is needed. */
    void releaseIndex() {
        if (!isIdle() || index.isInUse()) {
            indexUsed();
        } else {
            index.release();
            search.forget();
            facts.forget();
            indexes.released(userId, self);
        }
    }

    /** The user's actor ends. */
    void close() {
        indexes.left(userId, self);
    }
}
