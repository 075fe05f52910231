package memfuse.cluster.sharding;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import memfuse.actors.layers.FactBacklog;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.Layer;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.transfer.Imported;
import memfuse.protocol.user.Chunk;
import memfuse.protocol.user.ChunkRequest;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Awake;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.EventsRead;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.ReadUnflushedChanges;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.SessionStored;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import memfuse.protocol.user.UserProtocol.Wake;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * A value of everything that nodes send each other or store as CBOR, under the names that {@code wire/*.txt} stores them
 * with.
 *
 * <p>A value is what its stored bytes are to be read as, now and later. So a type that gets a field keeps its samples,
 * with what stands for the field where old nodes sent none, and gets one more that has it.
 */
final class WireSamples {
    private static final Instant SAID = Instant.parse("2026-01-02T03:04:05.123456Z");
    private static final Instant NOW = Instant.parse("2026-02-03T04:05:06Z");
    private static final Session SESSION = new Session("s", "u", "a", "é漢😀", SAID, NOW);
    private static final IdempotencyKey KEY = new IdempotencyKey("order-66", "c0ffee");
    private static final BufferStatus BUFFERS = new BufferStatus(1, 20, 2, 3);
    private static final Watermarks MARKS = new Watermarks(9, 8, 7, 6, 5);
    private static final KeyedAnswer ANSWER = new KeyedAnswer(KEY, List.of("m1", "m2"), true, 9, BUFFERS, MARKS);
    private static final Message WHOLE =
            new Message("m1", 1, Role.USER, "ann", "tea, é漢😀", SAID, NOW, "{\"mood\":\"calm\"}", 5);
    private static final Message BARE = new Message("m2", 2, Role.ASSISTANT, null, "noted", SAID, SAID, null, 1);
    private static final NewMessage NEW_WHOLE =
            new NewMessage("m1", true, Role.USER, "ann", "tea, é漢😀", SAID, "{\"mood\":\"calm\"}", 5);
    private static final NewMessage NEW_BARE =
            new NewMessage("m2", false, Role.SYSTEM, null, "be brief", null, null, 2);
    private static final NewKnowledge KNOWLEDGE = new NewKnowledge("k", "works at night", 3);

    private final Map<String, CborSerializable> values = new LinkedHashMap<>();
    private final ActorRef<Reply> asking;

    private WireSamples(ActorSystem<?> system) {
        asking = elsewhere(system);
        values();
        requestsToSessions();
        requestsToUsers();
        repliesOfUsers();
        events();
        add(new FactBacklog.Wake());
        add(new EmbeddingShares.Stored("u", List.of(new UnitKey("s", 5, 1))));
    }

    /** All of them by name. */
    static Map<String, CborSerializable> in(ActorSystem<?> system) {
        return new WireSamples(system).values;
    }

    /** An actor of another node. */
    private static <T> ActorRef<T> elsewhere(ActorSystem<?> system) {
        return ActorRefResolver.get(system).resolveActorRef("pekko://memfuse@10.0.0.1:7355/temp/asking$a#7");
    }

    private void add(CborSerializable value) {
        add("", value);
    }

    private void add(String variant, CborSerializable value) {
        String type = value.getClass().getSimpleName();
        String name = (value instanceof FactBacklog.Wake ? "FactBacklog." : "")
                + type
                + (variant.isEmpty() ? "" : "/" + variant);
        if (values.put(name, value) != null) {
            throw new IllegalArgumentException("two samples of one name: " + name);
        }
    }

    private static String wire(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void values() {
        add(WHOLE);
        add("bare", BARE);
        add("round", BARE.inRound(1));
        add(NEW_WHOLE);
        add("bare", NEW_BARE);
        add(SESSION);
        add(new Entity("u", "ann", "a nurse", SAID, NOW));
        add("bare", new Entity("u", "ann", null, SAID, NOW));
        add(KEY);
        add(BUFFERS);
        add(MARKS);
        add(ANSWER);
        add(KNOWLEDGE);
        add(new KnowledgeItem("k", 4, "works at night", SAID, NOW));
        add(new UnitKey("s", 5, 1));
        add(new RoundId("s", 4));
        add(new PageBySeq(7, 100, 1 << 17));
        Arrays.stream(HistoryRequest.SortBy.values())
                .forEach(sortBy -> add(wire(sortBy), new HistoryRequest(20, sortBy, true, false)));
        Arrays.stream(ChunkRequest.SortBy.values())
                .forEach(sortBy -> add(wire(sortBy), new ChunkRequest("s", new RoundId("s", 4), 10, sortBy, true)));
        add("bare", new ChunkRequest(null, null, 10, ChunkRequest.SortBy.ID, false));
        Arrays.stream(QueryRequest.StoreType.values())
                .forEach(type -> add(wire(type), new QueryRequest("tea?", "s", "a", 5, type, true, false)));
        add("bare", new QueryRequest("tea?", null, null, 5, QueryRequest.StoreType.ALL, false, true));
        Arrays.stream(Hit.Layer.values()).forEach(layer -> add(wire(layer), hit(layer)));
        add("bare", new Hit("k", "tea", 0.5, 0, null, null, SAID, NOW, null, Hit.Layer.KNOWLEDGE, 0, List.of()));
        add(chunk("ann"));
        add("bare", chunk(null));
        Arrays.stream(SessionEvent.Type.values())
                .forEach(type ->
                        add(wire(type), new SessionEvent("7-3", type, List.of(1L, 2L), List.of("m1", "m2"), MARKS)));
        add(new Imported(SAID, Map.of("s", "s2"), Map.of("a", "a2"), Map.of("k", "k2"), 7, 1));
    }

    private static Hit hit(Hit.Layer layer) {
        return new Hit("m5", "tea", 0.5, 0.25, Role.USER, "ann", SAID, NOW, SESSION, layer, 1, List.of(0, 2));
    }

    private static Chunk chunk(@Nullable String name) {
        return new Chunk(
                new UnitKey("s", 5, 1),
                new RoundId("s", 4),
                SESSION,
                "m5",
                Role.USER,
                name,
                "tea",
                3,
                Hit.Layer.HYBRID_BUFFER,
                true,
                SAID,
                NOW);
    }

    /** Alone, and as they travel. */
    private void requestsToSessions() {
        toSession("", new AppendRound(List.of(NEW_WHOLE, NEW_BARE), NOW, KEY));
        toSession("/bare", new AppendRound(List.of(NEW_BARE), NOW));
        toSession("", new ReadHistory(new HistoryRequest(20, HistoryRequest.SortBy.TIMESTAMP, true, false), 1 << 20));
        toSession("", new ReadMessages(List.of("m1", "m2"), 1 << 20));
        toSession("", new ReadInOrder(new PageBySeq(7, 100, 1 << 17)));
        toSession("", new UpdateMessages(List.of("m1"), List.of(NEW_WHOLE), NOW));
        toSession("", new DeleteMessages(List.of("m1", "m2")));
        toSession("", new FlushNow());
        for (Layer layer : Layer.values()) {
            toSession("/" + wire(layer), new AwaitLayer(layer, 9, Duration.ofMillis(1_500)));
        }
        toSession("", new ReadWatermarks());
    }

    private void toSession(String variant, SessionProtocol.Request request) {
        add(variant.isEmpty() ? "" : variant.substring(1), request);
        add(request.getClass().getSimpleName() + variant, new ToSession("s", request, asking));
    }

    private void requestsToUsers() {
        add(new CreateSession(SESSION, asking));
        add(new RenameSession("s", "second", NOW, asking));
        add(new EraseSession("s", asking));
        add(new EraseUser(asking));
        add(new Query(new QueryRequest("tea?", "s", "a", 5, QueryRequest.StoreType.ALL, true, true), asking));
        add(new AddKnowledge(List.of(KNOWLEDGE), NOW, asking));
        add(new UpdateKnowledge(List.of(KNOWLEDGE), NOW, asking));
        add(new DeleteKnowledge(List.of("k", "k2"), asking));
        add(new ListKnowledge(1 << 20, asking));
        add(new ReadKnowledge(List.of("k", "k2"), 1 << 20, asking));
        add(new ListChunks(
                new ChunkRequest("s", new RoundId("s", 4), 10, ChunkRequest.SortBy.TIMESTAMP, true), asking));
        add(new FlushUser(asking));
        add(new ReadEvents("s", "7-3", Duration.ofSeconds(20), asking));
        add("bare", new ReadEvents("s", null, Duration.ofSeconds(20), asking));
        add(new Wake(asking));
        add(new Reload(asking));
        add(new ReadUnflushedChanges(asking));
    }

    private void repliesOfUsers() {
        add(new Appended(List.of("m1", "m2"), true, 9, BUFFERS, MARKS));
        add(new MessagesRead(List.of(WHOLE, BARE)));
        add(new MessagesChanged(List.of("m1")));
        add(new WatermarksRead(MARKS));
        add(new EventsRead(
                List.of(new SessionEvent("7-3", SessionEvent.Type.FLUSHED, List.of(), List.of(), MARKS)), "7-3"));
        add(new KnowledgeChanged(List.of("k")));
        add(new KnowledgeRead(List.of(new KnowledgeItem("k", 4, "works at night", SAID, NOW))));
        add(new ChunksListed(List.of(chunk("ann")), 7));
        add(new SessionStored(SESSION));
        add(new Erased("s"));
        add(new FlushCompleted(2));
        add(new Hits(List.of(hit(Hit.Layer.M1)), true, false));
        Arrays.stream(ErrorCode.values()).forEach(code -> add(wire(code), new Refused(code, "it is so", "field")));
        add("bare", new Refused(ErrorCode.UNAVAILABLE, "it is so", null));
        add(new Reloaded());
        add(new UnflushedChanges(Map.of("s", List.of(1L, 7L))));
        add(new AnswerTooLarge(1 << 24));
        add(new Awake());
    }

    private void events() {
        add(new RoundAppended(List.of(WHOLE, BARE), ANSWER));
        add("bare", new RoundAppended(List.of(BARE)));
        add(new MessagesUpdated(List.of(WHOLE)));
        add(new MessagesDeleted(List.of(1L, 2L)));
        add(new Flushed(9, 7));
    }
}
