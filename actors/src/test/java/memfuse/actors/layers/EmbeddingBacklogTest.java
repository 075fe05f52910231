package memfuse.actors.layers;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ForkJoinPool;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.EmbeddingQueueSettings;
import memfuse.actors.embedding.TextVectorCache;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The backlog and the embedder that sessions share with it, before a queue and a store. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmbeddingBacklogTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.loglevel = OFF"))
            .withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());
    private final List<Runnable> cleanUp = new ArrayList<>();

    private FakeModel model = new FakeModel();
    private InMemoryDirectory directory = new InMemoryDirectory();
    private InMemoryLayerStore store = newStore();

    /** What the backlog has handled, by name, and the embeddings that it has stored. */
    private TestProbe<Object> done = kit.createTestProbe();

    private long lastSeq;

    /** What the next backlog that is started works on. */
    private BacklogShare share = BacklogShare.ALL;

    /** Whether the next embeddings that are stored make the backlog fail. */
    private volatile boolean failWhenStored;

    @AfterEach
    void startOver() {
        model.release();
        cleanUp.forEach(Runnable::run);
        cleanUp.clear();
        model = new FakeModel();
        store = newStore();
        share = BacklogShare.ALL;
        done = kit.createTestProbe();
        lastSeq = 0;
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }

    @Test
    void worksOffWhatIsPendingAtTheStart() {
        flushed("text ", 700);
        start(10_000);

        assertThat(awaitStored(700)).hasSize(700);
        assertThat(model.embedded()).hasSize(700);
        assertThat(model.embedded().values()).containsOnly(1);
        assertThat(pending()).isZero();
    }

    @Test
    void worksOffWhatASessionPointsOut() {
        IngestEmbedder embedder = start(100);
        flushed("text ", 3);
        embedder.unitsPending();

        assertThat(awaitStored(3)).containsExactlyInAnyOrder(key(1), key(2), key(3));
        List<MemoryUnit> units = new ArrayList<>();
        store.streamUnits("u", units::add);
        assertThat(units)
                .allMatch(unit ->
                        unit.vector() != null && unit.vector()[0] == FakeModel.vectorOf(unit.embeddedText())[0]);
    }

    /** Two nodes on one store, each with a queue, a model and claims of its own. */
    @Test
    void embedsOnceWhatSeveralNodesShare() {
        for (String user : List.of("v", "w", "x", "y", "z")) {
            addUser(user);
            FlushBuilder flush = new FlushBuilder(user, "s-" + user);
            for (int i = 0; i < 100; i++) {
                Message message = FlushBuilder.message(++lastSeq, user + " says " + lastSeq);
                flush.append(message, List.of(FlushBuilder.unit("s-" + user, message)));
            }
            store.flush(List.of(flush.build()));
        }
        share = new BacklogShare(0, 2, Duration.ZERO);
        start(10_000);
        share = new BacklogShare(1, 2, Duration.ZERO);
        start(10_000);

        done.awaitAssert(LIMIT, () -> {
            assertThat(pending()).isZero();
            return null;
        });
        assertThat(model.embedded()).hasSize(500);
        assertThat(model.embedded().values()).containsOnly(1);
    }

    @Test
    void findsWhatNobodyPointedOut() {
        start(100);
        flushed("text ", 1);
        time.timePasses(EmbeddingBacklog.SCAN_INTERVAL);

        assertThat(awaitStored(1)).containsExactly(key(1));
    }

    @Test
    void hearsOfFurtherUnitsWhileItWorks() {
        IngestEmbedder embedder = start(100);
        model.hold();
        flushed("text ", 1);
        embedder.unitsPending();
        awaitHandled("PendingRead");
        flushed("bad ", 1);
        flushed("text ", 1);
        embedder.unitsPending();
        awaitHandled("Wake");
        model.release();

        assertThat(awaitStored(2)).containsExactlyInAnyOrder(key(1), key(3));
    }

    /** The changed unit has the key of the one that is being embedded, and is not found while that is in work. */
    @Test
    void embedsAnItemOfKnowledgeThatChangedWhileItWasBeingEmbedded() {
        KnowledgeBounds bounds = new KnowledgeBounds(10, 1000);
        store.knowledge().add("u", List.of(knowledge("old text")), FlushBuilder.EPOCH, bounds);
        model.hold();
        IngestEmbedder embedder = start(100);
        model.awaitHeld();
        store.knowledge().update("u", List.of(knowledge("new text")), FlushBuilder.EPOCH, bounds);
        embedder.unitsPending();
        awaitHandled("Wake");
        model.release();

        awaitStored(2);
        assertThat(pending()).isZero();
        List<KnowledgeUnit> units = new ArrayList<>();
        store.knowledge().streamUnits("u", units::add);
        assertThat(units).extracting(KnowledgeUnit::vector).containsExactly(FakeModel.vectorOf("new text"));
        assertThat(embedder.claimed()).isEmpty();
    }

    private static SplitKnowledge knowledge(String content) {
        return new SplitKnowledge("k", content, List.of(new SplitKnowledge.Piece(content, 2)));
    }

    @Test
    void readsAgainAfterTheStoreFailed() {
        flushed("text ", 1);
        store.faults().failNextOthers(1);
        start(100, "PendingRead");
        time.timePasses(RetryPause.MIN);

        assertThat(awaitStored(1)).containsExactly(key(1));
    }

    @Test
    void keepsEmbeddingsUntilTheStoreTakesThem() {
        IngestEmbedder embedder = start(100);
        List<MemoryUnit> units = flushed("text ", 3);
        List<UnitVector> vectors = embed(embedder, units);
        store.faults().failNextOthers(2);
        embedder.storeLate(vectors.subList(0, 2));
        awaitHandled("Stored");
        embedder.storeLate(vectors.subList(2, 3));
        time.timePasses(RetryPause.MIN);
        awaitHandled("Stored");
        time.timePasses(RetryPause.MIN);
        done.expectNoMessage(Duration.ZERO);
        time.timePasses(RetryPause.MIN);

        assertThat(awaitStored(3)).containsExactlyInAnyOrder(key(1), key(2), key(3));
        assertThat(pending()).isZero();
        assertThat(model.embedded().values()).containsOnly(1);
        assertThat(embedder.claimed()).isEmpty();
    }

    @Test
    void doesNotEmbedWhatASessionIsEmbedding() {
        IngestEmbedder embedder = start(100);
        model.hold();
        List<MemoryUnit> units = flushed("text ", 2);
        CompletionStage<List<UnitVector>> vectors = embedder.embed("u", units).orElseThrow();
        assertThat(embedder.claimed()).containsExactlyInAnyOrder(key(1), key(2));
        flushed("other ", 1);
        embedder.unitsPending();
        awaitHandled("PendingRead");
        model.release();
        embedder.storeLate(vectors.toCompletableFuture().join());

        assertThat(awaitStored(3)).containsExactlyInAnyOrder(key(1), key(2), key(3));
        assertThat(model.embedded().values()).containsOnly(1);
        assertThat(embedder.claimed()).isEmpty();
    }

    @Test
    void takesUpWhatASessionReleased() {
        IngestEmbedder embedder = start(100);
        List<MemoryUnit> units = flushed("text ", 1);
        embed(embedder, units);
        embedder.release(List.of(key(1)));
        embedder.unitsPending();

        assertThat(awaitStored(1)).containsExactly(key(1));
    }

    @Test
    void doesNotLetUnitsThatCannotBeEmbeddedHoldUpOthers() {
        flushed("bad ", 600);
        flushed("good ", 1);
        start(10_000);

        assertThat(awaitStored(1)).containsExactly(key(601));
        assertThat(pending()).isEqualTo(600);
    }

    @Test
    void triesAgainAtTheNextScanWhatCouldNotBeEmbedded() {
        flushed("bad ", 1);
        start(100, "Embedded");
        awaitHandled("PendingRead");
        time.timePasses(EmbeddingBacklog.SCAN_INTERVAL);

        awaitHandled("Embedded");
        assertThat(pending()).isEqualTo(1);
    }

    @Test
    void shedsWhatTheQueueHasNoRoomFor() {
        IngestEmbedder embedder = start(2);
        model.hold();
        CompletionStage<List<UnitVector>> filling = fill(embedder);
        List<MemoryUnit> units = flushed("text ", 3);
        assertThat(embedder.embed("u", units)).isEmpty();
        assertThat(embedder.claimed()).doesNotContainAnyElementsOf(keys(units));
        embedder.unitsPending();
        awaitHandled("Wake");

        model.release();
        filling.toCompletableFuture().join();
        time.timePasses(RetryPause.MIN);
        assertThat(awaitStored(3)).containsExactlyInAnyOrderElementsOf(keys(units));
    }

    @Test
    void doesNotReadWhatTheQueueHasNoRoomFor() {
        IngestEmbedder embedder = start(2);
        model.hold();
        CompletionStage<List<UnitVector>> filling = fill(embedder);
        flushed("text ", 3);
        List<Object> handled = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            embedder.unitsPending();
            handled.addAll(handledUntil("Wake"));
        }
        time.timePasses(RetryPause.MIN);
        handled.addAll(handledUntil("Rested"));
        embedder.unitsPending();
        handled.addAll(handledUntil("Wake"));

        model.release();
        filling.toCompletableFuture().join();
        time.timePasses(RetryPause.MIN);
        handled.addAll(handledUntil("Embedded"));
        assertThat(handled).filteredOn("PendingRead"::equals).hasSize(1);
    }

    @Test
    void embedsWhatThereIsRoomForAndLeavesTheRestPending() {
        IngestEmbedder embedder = start(1);
        model.hold();
        List<MemoryUnit> units = units("text ", 20);
        CompletionStage<List<UnitVector>> vectors = embedder.embed("u", units).orElseThrow();
        Set<UnitKey> claimed = embedder.claimed();
        assertThat(claimed).hasSizeBetween(1, 19);
        model.release();

        assertThat(vectors.toCompletableFuture().join())
                .extracting(UnitVector::key)
                .hasSameElementsAs(claimed);
    }

    @Test
    void letsEmbeddingsGoThatAreTooManyToKeep() {
        IngestEmbedder embedder = start(100);
        List<UnitVector> vectors = LongStream.rangeClosed(1, VectorWriter.CAPACITY + 1)
                .mapToObj(seq -> new UnitVector("u", key(seq), "text", new float[2]))
                .toList();
        embedder.storeLate(vectors);

        assertThat(awaitStored(VectorWriter.CAPACITY))
                .hasSize(VectorWriter.CAPACITY)
                .doesNotContain(key(VectorWriter.CAPACITY + 1));
    }

    @Test
    void leavesOutTheOneEmbeddingThatTheStoreNeverTakes() {
        flushed("text ", 300);
        store.faults().refuseVectorOf(key(17));
        IngestEmbedder embedder = start(10_000);

        passTimeUntil(() -> assertThat(pending()).isEqualTo(1));
        passTimeUntil(() -> assertThat(embedder.claimed()).isEmpty());
        for (int scan = 0; scan < 5; scan++) {
            time.timePasses(EmbeddingBacklog.SCAN_INTERVAL);
            awaitHandled("PendingRead");
        }
        assertThat(model.embedded().values()).containsOnly(1);

        flushed("more ", 1);
        embedder.unitsPending();
        passTimeUntil(() -> assertThat(pending()).isEqualTo(1));
        assertThat(store.pendingUnits(2, new HashSet<>()))
                .extracting(PendingUnit::key)
                .containsExactly(key(17));
    }

    @Test
    void goesOnAfterAnError() {
        IngestEmbedder embedder = start(100);
        List<MemoryUnit> units = flushed("text ", 3);
        List<UnitVector> vectors = embed(embedder, units);
        failWhenStored = true;
        embedder.storeLate(vectors.subList(0, 1));
        awaitHandled("failure");
        embedder.storeLate(vectors.subList(1, 2));
        embedder.release(List.of(key(3)));

        passTimeUntil(() -> assertThat(pending()).isZero());
        passTimeUntil(() -> assertThat(embedder.claimed()).isEmpty());
    }

    @Test
    void givesBackWhatItHeldWhenAnErrorCame() {
        IngestEmbedder embedder = start(100);
        List<MemoryUnit> units = flushed("text ", 3);
        List<UnitVector> vectors = embed(embedder, units);
        store.faults().failNextOthers(1);
        embedder.storeLate(vectors);
        awaitHandled("Stored");
        assertThat(embedder.claimed()).hasSize(3);
        failWhenStored = true;
        time.timePasses(RetryPause.MIN);
        awaitHandled("failure");

        passTimeUntil(() -> assertThat(pending()).isZero());
        passTimeUntil(() -> assertThat(embedder.claimed()).isEmpty());
    }

    /** Lets time pass, step by step, until this holds. */
    private void passTimeUntil(Runnable assertion) {
        done.awaitAssert(Duration.ofMinutes(1), Duration.ofMillis(10), () -> {
            time.timePasses(RetryPause.MAX);
            assertion.run();
            return done;
        });
    }

    /** Keeps the queue's only thread and its two places busy, of which a user gets one; gives the last vectors of it. */
    private CompletionStage<List<UnitVector>> fill(IngestEmbedder embedder) {
        assertThat(embedder.embed("u", units("fill ", 1))).isPresent();
        model.awaitHeld();
        List<MemoryUnit> two = units("fill ", 2);
        assertThat(embedder.embed("u", two.subList(0, 1))).isPresent();
        return embedder.embed("v", two.subList(1, 2)).orElseThrow();
    }

    private InMemoryLayerStore newStore() {
        directory = new InMemoryDirectory();
        directory.create(EntityKind.USER, new Entity("u", "u", null, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
        directory.createSession(new Session("s", "u", "agent", "s", FlushBuilder.EPOCH, FlushBuilder.EPOCH));
        return new InMemoryLayerStore(directory, true);
    }

    /** Starts a backlog and waits until it has looked for the first time. */
    private IngestEmbedder start(int maxQueuedTexts) {
        return start(maxQueuedTexts, "PendingRead");
    }

    private IngestEmbedder start(int maxQueuedTexts, String untilHandled) {
        EmbeddingQueue queue =
                new EmbeddingQueue(model, new EmbeddingQueueSettings(maxQueuedTexts, 10, 8, 256, 1, 1, 0, 0));
        TestProbe<Object> probe = done;
        Behavior<EmbeddingBacklog.Command> backlog = EmbeddingBacklog.create(
                store, ForkJoinPool.commonPool(), ofNode(share), vectors -> hear(vectors, probe));
        ActorRef<EmbeddingBacklog.Command> actor = kit.spawn(Behaviors.intercept(() -> telling(probe), backlog));
        cleanUp.add(() -> kit.stop(actor, LIMIT));
        cleanUp.add(queue::close);
        IngestEmbedder embedder = new IngestEmbedder(queue, new TextVectorCache(0), actor);
        awaitHandled(untilHandled);
        return embedder;
    }

    private static Supplier<BacklogShare> ofNode(BacklogShare share) {
        return () -> share;
    }

    private void addUser(String user) {
        directory.create(EntityKind.USER, new Entity(user, user, null, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
        directory.createSession(
                new Session("s-" + user, user, "agent", "s-" + user, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
    }

    private void hear(List<UnitVector> vectors, TestProbe<Object> probe) {
        if (failWhenStored) {
            failWhenStored = false;
            probe.getRef().tell("failure");
            throw new IllegalStateException("scripted: whoever hears of embeddings fails");
        }
        probe.getRef().tell(vectors);
    }

    /** Tells the probe the name of each message that was handled. */
    private static BehaviorInterceptor<EmbeddingBacklog.Command, EmbeddingBacklog.Command> telling(
            TestProbe<Object> probe) {
        return new BehaviorInterceptor<>(EmbeddingBacklog.Command.class) {
            @Override
            public Behavior<EmbeddingBacklog.Command> aroundReceive(
                    TypedActorContext<EmbeddingBacklog.Command> context,
                    EmbeddingBacklog.Command message,
                    ReceiveTarget<EmbeddingBacklog.Command> target) {
                Behavior<EmbeddingBacklog.Command> next = target.apply(context, message);
                probe.getRef().tell(message.getClass().getSimpleName());
                return next;
            }
        };
    }

    private void awaitHandled(String name) {
        var unused = handledUntil(name);
    }

    /** What was handled until a message of this name, and that one. */
    private List<Object> handledUntil(String name) {
        List<Object> handled = new ArrayList<>();
        do {
            handled.add(done.receiveMessage(LIMIT));
        } while (!handled.get(handled.size() - 1).equals(name));
        return handled;
    }

    /** The keys of the next {@code count} embeddings that are stored. */
    private List<UnitKey> awaitStored(int count) {
        List<UnitKey> keys = new ArrayList<>();
        while (keys.size() < count) {
            if (done.receiveMessage(LIMIT) instanceof List<?> vectors) {
                vectors.forEach(vector -> keys.add(((UnitVector) Objects.requireNonNull(vector)).key()));
            }
        }
        return keys;
    }

    /** Stores messages that say {@code prefix} and their number, as units without an embedding. */
    private List<MemoryUnit> flushed(String prefix, int count) {
        FlushBuilder flush = new FlushBuilder("u", "s").after(lastSeq);
        List<MemoryUnit> units = units(prefix, count);
        units.forEach(unit -> flush.append(unit.message()));
        store.flush(List.of(flush.build()));
        return units;
    }

    private List<MemoryUnit> units(String prefix, int count) {
        List<MemoryUnit> units = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long seq = ++lastSeq;
            Message message = FlushBuilder.message(seq, prefix + seq);
            units.add(FlushBuilder.unit("s", message));
        }
        return units;
    }

    private static List<UnitVector> embed(IngestEmbedder embedder, List<MemoryUnit> units) {
        return embedder.embed("u", units).orElseThrow().toCompletableFuture().join();
    }

    private int pending() {
        return store.pendingUnits(10_000, new HashSet<>()).size();
    }

    private static UnitKey key(long seq) {
        return new UnitKey("s", seq, 0);
    }

    private static List<UnitKey> keys(List<MemoryUnit> units) {
        return units.stream().map(MemoryUnit::key).toList();
    }
}
