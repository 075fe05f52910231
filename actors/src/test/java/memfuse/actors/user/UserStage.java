package memfuse.actors.user;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import memfuse.actors.flush.FlushCoordinator;
import memfuse.actors.flush.FlushCounters;
import memfuse.actors.flush.FlushSettings;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.session.FactLayer;
import memfuse.actors.session.HeldExecutor;
import memfuse.actors.session.SessionServices;
import memfuse.actors.session.SessionSettings;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.actors.session.TestJournal;
import memfuse.actors.turns.UserTurns;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.ToSession;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The actor of user {@code u} with real sessions and flush workers, over a journal and a store in memory and a clock that
 * the test moves. Sessions {@code s}, {@code t} and so on are made by {@link #session}.
 */
final class UserStage {
    static final String USER = "u";
    private static final int TASKS_OF_A_USER = 100;
    static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    /** How long to wait for what must come. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final int SESSION_IDLE_SECONDS = 10;
    private static final int USER_IDLE_SECONDS = 30;

    final ActorTestKit kit;
    final TestJournal journal;
    final ManualTime time;
    final InMemoryDirectory directory = new InMemoryDirectory();
    final InMemoryLayerStore layers = new InMemoryLayerStore(directory, true);
    final JournaledStore store;
    final HeldExecutor storeExecutor = new HeldExecutor();
    final HeldExecutor searchExecutor = new HeldExecutor();
    final WordVectors vectors = new WordVectors();
    final ActiveUsers activeUsers = new ActiveUsers();
    final UserCounters counters = new UserCounters();
    final IndexBudget indexes;
    final TestProbe<ActorRef<Command>> passivations;
    final ActorRef<FlushProtocol.Command> flush;
    final UserServices services;
    private Instant now = START;

    /** How often the embedding was told that units of knowledge wait for it. */
    final AtomicInteger pendingPointedOut = new AtomicInteger();

    /** Whether the node may have users. */
    final AtomicBoolean mayServe = new AtomicBoolean(true);

    private final List<ActorRef<?>> spawned = new ArrayList<>();
    ActorRef<Command> user;

    /** An actor system with this journal and a clock that the test moves. */
    static ActorTestKit kit(TestJournal journal) {
        return ActorTestKit.create(journal.config()
                .withFallback(ManualTime.config())
                .withFallback(ConfigFactory.parseString("pekko.loglevel = OFF"))
                .withFallback(ConfigFactory.load()));
    }

    /** Bounds small enough for a test to reach. */
    record Bounds(
            int maxInFlight,
            int maxInFlightPerSession,
            int highWaterMessages,
            int queryCacheSize,
            KnowledgeBounds knowledge,
            int searchAsideFrom,
            long maxIndexBytes) {
        static final Bounds WIDE = new Bounds(1024, 64, 512, 10);

        Bounds(int maxInFlight, int maxInFlightPerSession, int highWaterMessages, int queryCacheSize) {
            this(
                    maxInFlight,
                    maxInFlightPerSession,
                    highWaterMessages,
                    queryCacheSize,
                    new KnowledgeBounds(100, 10_000));
        }

        Bounds(
                int maxInFlight,
                int maxInFlightPerSession,
                int highWaterMessages,
                int queryCacheSize,
                KnowledgeBounds knowledge) {
            this(
                    maxInFlight,
                    maxInFlightPerSession,
                    highWaterMessages,
                    queryCacheSize,
                    knowledge,
                    Integer.MAX_VALUE,
                    Long.MAX_VALUE);
        }

        /** The same, where searches of so many units have threads of their own. */
        Bounds withSearchAsideFrom(int units) {
            return new Bounds(
                    maxInFlight,
                    maxInFlightPerSession,
                    highWaterMessages,
                    queryCacheSize,
                    knowledge,
                    units,
                    maxIndexBytes);
        }

        /** The same, where all indexes may take so much. */
        Bounds withMaxIndexBytes(long bytes) {
            return new Bounds(
                    maxInFlight,
                    maxInFlightPerSession,
                    highWaterMessages,
                    queryCacheSize,
                    knowledge,
                    searchAsideFrom,
                    bytes);
        }
    }

    UserStage(ActorTestKit kit, TestJournal journal, Executor flushExecutor, Bounds bounds) {
        this.kit = kit;
        this.journal = journal;
        this.time = ManualTime.get(kit.system());
        this.indexes = new IndexBudget(bounds.maxIndexBytes());
        journal.clear();
        directory.create(EntityKind.USER, new Entity(USER, USER, null, START, START));
        store = new JournaledStore(layers, journal, directory);
        layers.onReplaced(journal::replace);
        passivations = kit.createTestProbe();
        flush = kit.spawn(FlushCoordinator.create(
                new FlushSettings(2, 512, Duration.ofMillis(100), Duration.ofSeconds(10)),
                store::flush,
                flushExecutor,
                new FlushCounters()));
        spawned.add(flush);
        services = new UserServices(
                new UserSettings(
                        bounds.maxInFlight(),
                        bounds.maxInFlightPerSession(),
                        Duration.ofSeconds(SESSION_IDLE_SECONDS),
                        Duration.ofSeconds(USER_IDLE_SECONDS),
                        100,
                        bounds.queryCacheSize(),
                        0.98,
                        bounds.searchAsideFrom(),
                        Duration.ofMinutes(1)), // a query that is held waits until the test lets it go
                directory,
                store,
                new KnowledgeServices(
                        layers.knowledge(), bounds.knowledge(), UserStage::split, pendingPointedOut::incrementAndGet),
                new UserTurns(storeExecutor, TASKS_OF_A_USER),
                new UserTurns(searchExecutor, TASKS_OF_A_USER),
                new SessionServices(
                        new SessionSettings(
                                true,
                                30,
                                3,
                                3,
                                FlushStrategy.HYBRID,
                                Duration.ofMinutes(1),
                                bounds.highWaterMessages(),
                                1 << 20,
                                false),
                        store,
                        new UserTurns(storeExecutor, TASKS_OF_A_USER),
                        UserStage::split,
                        vectors,
                        flush,
                        new StoredFacts()),
                vectors,
                () -> new MemoryIndex(WordVectors.DIMENSIONS, FusionWeights.DEFAULTS),
                activeUsers,
                indexes,
                new FailureLog(this::now),
                counters,
                this::now,
                mayServe::get,
                passivations.getRef()::tell);
        user = spawn(USER);
    }

    /** Splits an item at each bar. */
    private static SplitKnowledge split(NewKnowledge item) {
        return new SplitKnowledge(
                item.id(),
                item.content(),
                Stream.of(item.content().split("\\|", -1))
                        .map(piece -> new SplitKnowledge.Piece(piece, 1))
                        .toList());
    }

    private synchronized Instant now() {
        return now;
    }

    /** Splits a message at each bar. */
    private static List<MemoryUnit> split(String sessionId, Message message) {
        String[] pieces = message.content().split("\\|", -1);
        List<MemoryUnit> units = new ArrayList<>(pieces.length);
        for (int i = 0; i < pieces.length; i++) {
            units.add(new MemoryUnit(new UnitKey(sessionId, message.seq(), i), message, pieces[i], 1, null));
        }
        return units;
    }

    ActorRef<Command> spawn(String userId) {
        ActorRef<Command> actor = kit.spawn(UserActor.create(userId, services));
        spawned.add(actor);
        return actor;
    }

    /** Starts the user anew, as the shard would. */
    void startAnew() {
        user = spawn(USER);
    }

    /** Stops the user as the shard would, waits for its end, and starts it anew. */
    void restart() {
        stop();
        startAnew();
    }

    void stop() {
        user.tell(new UserActor.Stop());
        awaitEnd();
    }

    void awaitEnd() {
        passivations.expectTerminated(user, LIMIT);
    }

    /** The user dies of a crash of its node: sessions stop wherever they are. */
    void crash() {
        kit.stop(user, LIMIT);
        startAnew();
    }

    void close() {
        storeExecutor.release();
        searchExecutor.release();
        spawned.forEach(actor -> kit.stop(actor, LIMIT));
    }

    /** Moves the clock and the timers. */
    void pass(Duration duration) {
        synchronized (this) {
            now = now.plus(duration);
        }
        time.timePasses(duration);
    }

    /** Waits until something that other threads bring about has this value. */
    void awaitUntil(Supplier<Integer> actual, int expected) {
        passivations.awaitAssert(LIMIT, Duration.ofMillis(5), () -> {
            assertThat(actual.get()).isEqualTo(expected);
            return expected;
        });
    }

    /** Sessions that are awake: those that a flush of the user asks. */
    int awakeSessions() {
        return send(UserProtocol.FlushUser::new)
                .get(UserProtocol.FlushCompleted.class)
                .sessions();
    }

    /** An answer that is awaited. */
    final class Answer {
        private final TestProbe<Reply> probe = kit.createTestProbe();

        Reply get() {
            return probe.receiveMessage(LIMIT);
        }

        <T extends Reply> T get(Class<T> type) {
            Reply reply = get();
            assertThat(reply).isInstanceOf(type);
            return type.cast(reply);
        }

        void isRefused(ErrorCode code) {
            assertThat(get(Refused.class).code()).isEqualTo(code);
        }

        /** Nothing came until something else that was asked for later came. */
        void isNotThere() {
            probe.expectNoMessage(Duration.ZERO);
        }
    }

    Answer send(Function<ActorRef<Reply>, Request> request) {
        Answer answer = new Answer();
        user.tell(request.apply(answer.probe.getRef()));
        return answer;
    }

    Answer send(String sessionId, SessionProtocol.Request request) {
        return send(replyTo -> new ToSession(sessionId, request, replyTo));
    }

    Reply ask(Function<ActorRef<Reply>, Request> request) {
        return send(request).get();
    }

    Reply ask(String sessionId, SessionProtocol.Request request) {
        return send(sessionId, request).get();
    }

    /** A new session; the agent's id is the session's with {@code -agent} behind it. */
    static Session session(String id) {
        return new Session(id, USER, id + "-agent", "name of " + id, START, START);
    }

    static Function<ActorRef<Reply>, Request> creation(String sessionId) {
        return replyTo -> new UserProtocol.CreateSession(session(sessionId), replyTo);
    }

    /** Makes sessions with these ids. */
    void sessions(String... ids) {
        for (String id : ids) {
            assertThat(ask(creation(id))).isEqualTo(new UserProtocol.SessionStored(session(id)));
        }
    }

    /** The ids of a session's messages in the layers. */
    SortedSet<String> storedIds(String sessionId) {
        SortedSet<String> ids = new TreeSet<>();
        layers.streamUnits(USER, unit -> {
            if (unit.key().sessionId().equals(sessionId)) {
                ids.add(unit.message().id());
            }
        });
        return ids;
    }

    /** A round of one message. */
    static AppendRound round(String id, String content) {
        return new AppendRound(List.of(says(id, content)), START);
    }

    static NewMessage says(String id, String content) {
        return new NewMessage(id, true, Role.USER, null, content, null, null, 10);
    }

    /** Appends a round of one message and waits for the answer. */
    void append(String sessionId, String id, String content) {
        send(sessionId, round(id, content)).get(UserProtocol.Appended.class);
        settle(sessionId);
    }

    /**
     * A session has its messages embedded after it has answered. When it has answered another request as well, what this
     * stage's embedding makes at once comes before everything that is sent to the session from then on.
     */
    private void settle(String sessionId) {
        send(sessionId, new ReadHistory(new HistoryRequest(1, SortBy.TIMESTAMP, false, true)))
                .get();
    }

    void update(String sessionId, String id, String content) {
        send(sessionId, new UpdateMessages(List.of(id), List.of(says(id, content)), START))
                .get(UserProtocol.MessagesChanged.class);
        settle(sessionId);
    }

    void delete(String sessionId, String id) {
        send(sessionId, new DeleteMessages(List.of(id))).get(UserProtocol.MessagesChanged.class);
    }

    List<String> history(String sessionId) {
        return send(sessionId, new ReadHistory(new HistoryRequest(100, SortBy.TIMESTAMP, false, false)))
                .get(MessagesRead.class)
                .messages()
                .stream()
                .map(Message::content)
                .toList();
    }

    void flushAll() {
        send(UserProtocol.FlushUser::new).get(UserProtocol.FlushCompleted.class);
    }

    /** A query for words alone, as many hits as there can be. */
    static QueryRequest words(String query) {
        return new QueryRequest(query, null, null, 100, StoreType.KEYWORD, true, true);
    }

    static QueryRequest everything(String query) {
        return new QueryRequest(query, null, null, 100, StoreType.ALL, true, true);
    }

    Answer query(QueryRequest query) {
        return send(replyTo -> new Query(query, replyTo));
    }

    Hits find(QueryRequest query) {
        return query(query).get(Hits.class);
    }

    /** The texts that have these words, in the order of the alphabet. */
    List<String> found(String query) {
        return contents(find(words(query)));
    }

    static List<String> contents(Hits hits) {
        return hits.hits().stream().map(Hit::content).sorted().toList();
    }

    /** M2 of the layers. */
    private final class StoredFacts implements FactLayer {
        @Override
        public OptionalLong firstWaiting(String sessionId) {
            return layers.facts().firstWaiting(sessionId);
        }

        @Override
        public void messagesFlushed() {}

        @Override
        public List<Fact> current(String userId) {
            return layers.facts().facts(userId, new FactQuery(null, false, 100));
        }
    }
}
