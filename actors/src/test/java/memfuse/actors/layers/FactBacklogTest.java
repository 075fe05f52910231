package memfuse.actors.layers;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactQuery;
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
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The backlog of facts between a store and an extractor. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FactBacklogTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.loglevel = OFF"))
            .withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());
    private final Map<String, Long> lastSeqs = new HashMap<>();

    private InMemoryDirectory directory = new InMemoryDirectory();
    private InMemoryLayerStore store = new InMemoryLayerStore(directory, false);
    private ScriptedExtractor extractor = new ScriptedExtractor();
    private FactCounters counters = new FactCounters();

    /** What the backlog has handled, by name. */
    private TestProbe<String> handled = kit.createTestProbe();

    private @Nullable ActorRef<FactBacklog.Command> backlog;

    @AfterEach
    void startOver() {
        extractor.release();
        stop();
        directory = new InMemoryDirectory();
        store = new InMemoryLayerStore(directory, false);
        extractor = new ScriptedExtractor();
        counters = new FactCounters();
        handled = kit.createTestProbe();
        lastSeqs.clear();
    }

    private void stop() {
        if (backlog != null) {
            kit.stop(backlog, LIMIT);
        }
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }

    @Test
    void extractsWhatWaitsAtTheStart() {
        flushed("s", "a", "b", "c", "d", "e");
        flushed("t", "f");
        start(2, 2);
        awaitExtracted("s", "t");

        assertThat(objects()).containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f");
        assertThat(extractor.calls())
                .containsExactlyInAnyOrder(List.of(1L, 2L), List.of(3L, 4L), List.of(5L), List.of(1L));
    }

    @Test
    void extractsWhatASessionPointsOut() {
        ActorRef<FactBacklog.Command> actor = start(2, 10);
        awaitHandled("WaitingRead");
        flushed("s", "a");
        actor.tell(new FactBacklog.Wake());
        awaitExtracted("s");

        assertThat(objects()).containsExactly("a");
    }

    @Test
    void findsWhatNobodyPointedOut() {
        start(2, 10);
        awaitHandled("WaitingRead");
        flushed("s", "a");
        time.timePasses(FactBacklog.SCAN_INTERVAL);

        awaitExtracted("s");
    }

    @Test
    void worksOnSoManySessionsAtATime() throws InterruptedException {
        for (String session : List.of("s", "t", "v", "w", "x")) {
            flushed(session, session);
        }
        extractor.hold();
        start(2, 10);
        extractor.awaitUnderWay(2, LIMIT);
        extractor.release();
        awaitExtracted("s", "t", "v", "w", "x");

        assertThat(extractor.mostUnderWay()).isEqualTo(2);
        assertThat(extractor.calls()).hasSize(5);
    }

    @Test
    void restsWhileTheExtractorIsNotAvailable() {
        flushed("s", "a");
        flushed("t", "b");
        extractor.failNext(2);
        start(1, 10);
        awaitHandled("Extracted");
        assertThat(extractor.calls()).hasSize(1);
        time.timePasses(RetryPause.MIN);
        awaitHandled("Extracted");
        time.timePasses(RetryPause.MIN);
        handled.expectNoMessage(Duration.ZERO);
        time.timePasses(RetryPause.MIN);
        awaitExtracted("s", "t");

        assertThat(objects()).containsExactlyInAnyOrder("a", "b");
        assertThat(extractor.calls()).hasSize(4);
    }

    @Test
    void passesOverAMessageAtFaultAndItAlone() {
        flushed("s", "a", "b", "c", "bad", "e", "f");
        start(1, 10);
        while (store.facts().firstWaiting("s").isPresent()) {
            if (handled.receiveMessage(LIMIT).equals("Extracted")) {
                time.timePasses(FactBacklog.SCAN_INTERVAL);
            }
        }

        assertThat(objects()).containsExactlyInAnyOrder("a", "b", "c", "e", "f");
        assertThat(extractor.calls().stream().filter(List.of(4L)::equals)).hasSize(TroubledSessions.MAX_FAILURES);
        handled.awaitAssert(
                LIMIT,
                () -> { // it is counted when the backlog hears that it is stored
                    assertThat(List.of(counters.messages(), counters.facts(), counters.passedOver()))
                            .containsExactly(5L, 5L, 1L);
                    return counters;
                });
        assertThat(counters.failures()).isGreaterThanOrEqualTo(TroubledSessions.MAX_FAILURES);
    }

    @Test
    void passesOverNothingWhileNothingGoesWell() {
        flushed("s", "bad");
        start(1, 10);
        for (int failures = 0; failures < 2 * TroubledSessions.MAX_FAILURES; failures++) {
            awaitHandled("Extracted");
            time.timePasses(FactBacklog.SCAN_INTERVAL);
        }
        assertThat(store.facts().firstWaiting("s")).hasValue(1);

        flushed("t", "good");
        time.timePasses(FactBacklog.SCAN_INTERVAL);
        awaitExtracted("t");
        time.timePasses(FactBacklog.SCAN_INTERVAL);
        awaitExtracted("s");
        assertThat(objects()).containsExactly("good");
    }

    @Test
    void doesNotHoldUpOthersForASessionInTrouble() {
        flushed("s", "bug", "b");
        flushed("t", "c");
        start(1, 10);
        awaitExtracted("t");

        assertThat(objects()).containsExactly("c");
        assertThat(store.facts().firstWaiting("s")).hasValue(1);
    }

    @Test
    void keepsFactsUntilTheStoreTakesThem() {
        flushed("s", "a");
        extractor.hold();
        start(1, 10);
        awaitHandled("WaitingRead");
        store.facts().failNext(2);
        extractor.release();
        awaitHandled("Stored");
        time.timePasses(RetryPause.MIN);
        awaitHandled("Stored");
        time.timePasses(RetryPause.MIN.multipliedBy(2));
        awaitExtracted("s");

        assertThat(objects()).containsExactly("a");
        assertThat(extractor.calls()).hasSize(1);
    }

    @Test
    void readsAgainAfterTheStoreFailed() {
        flushed("s", "a");
        store.facts().failNext(1);
        start(1, 10);
        awaitHandled("WaitingRead");
        time.timePasses(RetryPause.MIN);

        awaitExtracted("s");
    }

    @Test
    void extractsAgainWhatALostNodeHadUnderWay() {
        flushed("s", "a", "b");
        extractor.hold();
        start(1, 10);
        awaitHandled("WaitingRead");
        stop();
        extractor.release();
        start(1, 10);
        awaitExtracted("s");

        assertThat(objects()).containsExactlyInAnyOrder("a", "b");
    }

    private ActorRef<FactBacklog.Command> start(int concurrency, int batchMessages) {
        TestProbe<String> probe = handled;
        Behavior<FactBacklog.Command> behavior = FactBacklog.create(
                store.facts(),
                extractor,
                ForkJoinPool.commonPool(),
                new FactBacklogSettings(concurrency, batchMessages, 1_000_000),
                counters);
        ActorRef<FactBacklog.Command> actor = kit.spawn(Behaviors.intercept(() -> telling(probe), behavior));
        backlog = actor;
        return actor;
    }

    /** Tells the probe the name of each message that was handled. */
    private static BehaviorInterceptor<FactBacklog.Command, FactBacklog.Command> telling(TestProbe<String> probe) {
        return new BehaviorInterceptor<>(FactBacklog.Command.class) {
            @Override
            public Behavior<FactBacklog.Command> aroundReceive(
                    TypedActorContext<FactBacklog.Command> context,
                    FactBacklog.Command message,
                    ReceiveTarget<FactBacklog.Command> target) {
                Behavior<FactBacklog.Command> next = target.apply(context, message);
                probe.getRef().tell(message.getClass().getSimpleName());
                return next;
            }
        };
    }

    private void awaitHandled(String name) {
        String said = handled.receiveMessage(LIMIT);
        while (!said.equals(name)) {
            said = handled.receiveMessage(LIMIT);
        }
    }

    /** Waits until the facts of all messages of these sessions are stored. */
    private void awaitExtracted(String... sessionIds) {
        for (String sessionId : sessionIds) {
            while (store.facts().firstWaiting(sessionId).isPresent()) {
                handled.receiveMessage(LIMIT);
            }
        }
    }

    /** Flushes messages of a session with these contents. */
    private void flushed(String sessionId, String... contents) {
        directory.create(EntityKind.USER, new Entity("u", "u", null, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
        directory.createSession(
                new Session(sessionId, "u", "agent", sessionId, FlushBuilder.EPOCH, FlushBuilder.EPOCH));
        long seq = lastSeqs.getOrDefault(sessionId, 0L);
        FlushBuilder flush = new FlushBuilder("u", sessionId).after(seq);
        for (String content : contents) {
            flush.append(FlushBuilder.message(++seq, content));
        }
        lastSeqs.put(sessionId, seq);
        store.flush(List.of(flush.build()));
    }

    private List<String> objects() {
        return store.facts().facts("u", new FactQuery(null, true, 500)).stream()
                .map(Fact::object)
                .toList();
    }
}
