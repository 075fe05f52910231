package memfuse.actors.flush;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import memfuse.protocol.flush.FlushProtocol.Command;
import memfuse.protocol.flush.FlushProtocol.FlushStored;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.flush.FlushProtocol.Withdraw;
import memfuse.protocol.testkit.FlushBuilder;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FlushCoordinatorTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config()
            .withFallback(ConfigFactory.parseString("pekko.loglevel = OFF"))
            .withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<ActorRef<Command>> coordinators = new ArrayList<>();
    private FlushCounters counters = new FlushCounters();
    private ScriptedStore store = new ScriptedStore();

    @AfterEach
    void startOver() {
        store.letAllPass();
        coordinators.forEach(coordinator -> kit.stop(coordinator, LIMIT));
        coordinators.clear();
        store = new ScriptedStore();
        counters = new FlushCounters();
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
        threads.shutdown();
    }

    @Test
    void answersWhenTheStoreHasTheFlush() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> session = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u", "s", 3, session.getRef()));
        store.awaitFlush();
        session.getRef().tell(new FlushStored("nothing before", 0));
        assertThat(session.receiveMessage(LIMIT).sessionId()).isEqualTo("nothing before");

        store.letPass();
        assertThat(session.receiveMessage(LIMIT)).isEqualTo(new FlushStored("s", 3));
    }

    @Test
    void writesAsManyAtATimeAsItHasWorkers() {
        int sessions = 100;
        ActorRef<Command> coordinator = coordinator(3, 1);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.hold();
        for (int i = 0; i < sessions; i++) {
            coordinator.tell(submit("u" + i % 7, "s" + i, 1, probe.getRef()));
        }
        store.awaitFlush();
        store.awaitFlush();
        store.awaitFlush();
        assertThat(store.tried()).hasSize(3);
        store.letAllPass();

        Set<String> stored = new HashSet<>();
        probe.receiveSeveralMessages(sessions, LIMIT).forEach(answer -> stored.add(answer.sessionId()));
        assertThat(stored).hasSize(sessions);
        assertThat(store.tried()).hasSize(sessions);
        assertThat(store.mostWriting()).isEqualTo(3);
    }

    @Test
    void writesWhatHasGatheredInOneTransaction() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        whileBusy(coordinator, probe, () -> {
            for (int i = 0; i < 10; i++) {
                coordinator.tell(submit("u" + i, "s" + i, 2, probe.getRef()));
            }
        });

        probe.receiveSeveralMessages(10, LIMIT);
        assertThat(store.tried()).hasSize(2);
        assertThat(store.tried().get(1))
                .isEqualTo(IntStream.range(0, 10).mapToObj(i -> "s" + i).toList());
    }

    @Test
    void letsWhatDoesNotFillATransactionGatherWhileOneIsWritten() {
        ActorRef<Command> coordinator = coordinator(3, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        whileBusy(coordinator, probe, () -> {
            for (int i = 0; i < 10; i++) {
                coordinator.tell(submit("u" + i, "s" + i, 2, probe.getRef()));
            }
        });

        probe.receiveSeveralMessages(10, LIMIT);
        assertThat(store.mostWriting()).isEqualTo(1);
    }

    @Test
    void givesAnotherWorkerWhatFillsATransaction() {
        ActorRef<Command> coordinator = coordinator(2, 4);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u1", "s1", 1, probe.getRef()));
        store.awaitFlush();
        coordinator.tell(submit("u2", "s2", 3, probe.getRef()));
        coordinator.tell(submit("u3", "s3", 1, probe.getRef()));
        store.awaitFlush();
        store.letAllPass();

        probe.receiveSeveralMessages(3, LIMIT);
        assertThat(store.tried()).containsExactly(List.of("s1"), List.of("s2", "s3"));
    }

    @Test
    void doesNotWaitLongForATransactionThatTakesLong() {
        ActorRef<Command> coordinator = coordinator(2, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u1", "s1", 1, probe.getRef()));
        store.awaitFlush();
        coordinator.tell(submit("u2", "s2", 1, probe.getRef()));
        probe.awaitAssert(LIMIT, () -> {
            time.timePasses(FlushCoordinator.PATIENCE);
            assertThat(store.tried()).containsExactly(List.of("s1"), List.of("s2"));
            return probe;
        });
        store.letAllPass();

        probe.receiveSeveralMessages(2, LIMIT);
    }

    @Test
    void servesUsersInTurn() {
        ActorRef<Command> coordinator = coordinator(1, 2);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        whileBusy(coordinator, probe, () -> {
            for (int i = 0; i < 20; i++) {
                coordinator.tell(submit("greedy", "g" + i, 1, probe.getRef()));
            }
            coordinator.tell(submit("modest", "m", 1, probe.getRef()));
        });

        probe.receiveSeveralMessages(21, LIMIT);
        assertThat(store.tried().get(1)).containsExactly("g0", "m");
    }

    @Test
    void doesNotLetAPoisonedSessionHoldUpOthers() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.poison("p");
        whileBusy(coordinator, probe, () -> {
            for (String id : List.of("x", "p", "y")) {
                coordinator.tell(submit("u" + id, id, 1, probe.getRef()));
            }
        });
        assertThat(probe.receiveSeveralMessages(2, LIMIT))
                .extracting(FlushStored::sessionId)
                .containsExactlyInAnyOrder("x", "y");
        barrier(coordinator, probe, "z1");
        assertThat(store.tried().get(1)).containsExactly("x", "p", "y");
        assertThat(store.tried()).contains(List.of("x"), List.of("p"), List.of("y"));

        store.heal();
        time.timePasses(Duration.ofMillis(200));
        assertThat(probe.receiveMessage(LIMIT).sessionId()).isEqualTo("p");
    }

    @Test
    void findsTheOneAtFaultInHalves() {
        int sessions = 256;
        ActorRef<Command> coordinator = coordinator(1, 1000);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.poison("s77");
        whileBusy(coordinator, probe, () -> {
            for (int i = 0; i < sessions; i++) {
                coordinator.tell(submit("u" + i, "s" + i, 1, probe.getRef()));
            }
        });

        int written = sessions; // with the one that kept the worker busy
        assertThat(storedInTime(probe, sessions - 1, written)).doesNotContain("s77");
        assertThat(store.tried()).contains(List.of("s77")).hasSizeLessThan(40);
    }

    @Test
    void triesOneAtATimeInAnOutageAndTheOthersTogetherAfterIt() {
        int sessions = 500;
        ActorRef<Command> coordinator = coordinator(2, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.refuseAll();
        for (int i = 0; i < sessions; i++) {
            coordinator.tell(submit("u" + i % 50, "s" + i, 1, probe.getRef()));
        }
        for (int tries = 5; tries <= 25; tries++) {
            int expected = tries;
            probe.awaitAssert(LIMIT, Duration.ofMillis(5), () -> {
                time.timePasses(LONGEST_PAUSE);
                assertThat(store.tried()).hasSizeGreaterThanOrEqualTo(expected);
                return expected;
            });
        }
        probe.expectNoMessage(Duration.ZERO);
        assertThat(store.tried().stream().filter(batch -> batch.size() > 1)).hasSizeLessThanOrEqualTo(3);

        store.forget();
        store.heal();
        assertThat(storedInTime(probe, sessions)).hasSize(sessions);
        assertThat(store.tried()).hasSizeLessThan(20);
    }

    @Test
    void countsWhatWaitsWhatFailsAndWhatIsStored() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u", "s", 3, probe.getRef()));
        store.awaitFlush();
        coordinator.tell(submit("u", "t", 2, probe.getRef()));
        probe.awaitAssert(LIMIT, () -> assertThat(counters.waitingMessages()).isEqualTo(2));
        assertThat(List.of(counters.waiting(), counters.busyWorkers())).containsExactly(1, 1);
        store.refuseAll();
        store.letAllPass();
        probe.awaitAssert(LIMIT, () -> assertThat(counters.failuresInARow()).isPositive());
        store.heal();
        assertThat(storedInTime(probe, 2)).containsExactlyInAnyOrder("s", "t");

        barrier(coordinator, probe, "last");
        assertThat(counters.failures()).isPositive();
        assertThat(counters.messages()).isGreaterThanOrEqualTo(3 + 2);
        assertThat(counters.writingNanos()).isPositive();
        assertThat(List.of(counters.waiting(), counters.waitingMessages(), counters.failuresInARow()))
                .containsExactly(0, 0, 0);
    }

    @Test
    void triesAgainAfterGrowingPausesUntilItIsStored() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.poison("p");
        coordinator.tell(submit("u", "p", 1, probe.getRef()));
        long tries = 1;
        for (long pauseMillis : List.of(100, 200, 400, 800, 1000, 1000, 1000)) {
            barrier(coordinator, probe, "before" + tries);
            assertThat(store.tries("p")).isEqualTo(tries);
            long stepMillis = pauseMillis / 10;
            long passedMillis = pauseMillis / 2 - stepMillis; // a step is as exact as the time of the last try is known
            time.timePasses(Duration.ofMillis(passedMillis - 1));
            barrier(coordinator, probe, "within" + tries);
            assertThat(store.tries("p")).isEqualTo(tries);
            while (store.tries("p") == tries) {
                time.timePasses(Duration.ofMillis(stepMillis));
                passedMillis += stepMillis;
                barrier(coordinator, probe, "at" + tries + "+" + passedMillis);
                assertThat(passedMillis).isLessThanOrEqualTo(pauseMillis + stepMillis);
            }
            tries++;
        }
        barrier(coordinator, probe, "last");
        store.heal();
        time.timePasses(Duration.ofSeconds(1));

        assertThat(probe.receiveMessage(LIMIT)).isEqualTo(new FlushStored("p", 1));
        time.timePasses(Duration.ofMinutes(1));
        barrier(coordinator, probe, "after");
        assertThat(store.tries("p")).isEqualTo(tries + 1);
    }

    @Test
    void dropsWhatIsWithdrawn() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        whileBusy(coordinator, probe, () -> {
            coordinator.tell(submit("u", "s", 1, probe.getRef()));
            coordinator.tell(new Withdraw("s"));
        });
        barrier(coordinator, probe, "z");

        assertThat(store.tries("s")).isZero();
    }

    @Test
    void doesNotAnswerWhatIsWithdrawnWhileItIsWritten() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u", "s", 1, probe.getRef()));
        store.awaitFlush();
        coordinator.tell(new Withdraw("s"));
        store.letAllPass();

        barrier(coordinator, probe, "z");
    }

    @Test
    void doesNotTryAgainWhatIsWithdrawnInItsPause() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> probe = kit.createTestProbe();
        store.poison("p");
        coordinator.tell(submit("u", "p", 1, probe.getRef()));
        barrier(coordinator, probe, "z1");
        coordinator.tell(new Withdraw("p"));
        time.timePasses(Duration.ofMinutes(1));
        barrier(coordinator, probe, "z2");

        assertThat(store.tries("p")).isEqualTo(1);
    }

    @Test
    void doesNotTakeTheFlushOfAFormerIncarnationForTheNewOne() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> former = kit.createTestProbe();
        TestProbe<FlushStored> present = kit.createTestProbe();
        store.hold();
        coordinator.tell(submit("u", "s", 1, former.getRef()));
        store.awaitFlush();
        coordinator.tell(new Withdraw("s"));
        coordinator.tell(submit("u", "s", 1, present.getRef()));
        store.letPass();
        store.awaitFlush();
        present.getRef().tell(new FlushStored("nothing before", 0));
        assertThat(present.receiveMessage(LIMIT).sessionId()).isEqualTo("nothing before");

        store.letPass();
        assertThat(present.receiveMessage(LIMIT)).isEqualTo(new FlushStored("s", 1));
        former.getRef().tell(new FlushStored("nothing before", 0));
        assertThat(former.receiveMessage(LIMIT).sessionId()).isEqualTo("nothing before");
    }

    @Test
    void doesNotTryAgainForAFormerIncarnation() {
        ActorRef<Command> coordinator = coordinator(1, 100);
        TestProbe<FlushStored> former = kit.createTestProbe();
        TestProbe<FlushStored> present = kit.createTestProbe();
        store.poison("s");
        coordinator.tell(submit("u", "s", 1, former.getRef()));
        barrier(coordinator, former, "z1");
        coordinator.tell(new Withdraw("s"));
        store.heal();
        coordinator.tell(submit("u", "s", 1, present.getRef()));
        assertThat(present.receiveMessage(LIMIT)).isEqualTo(new FlushStored("s", 1));
        time.timePasses(Duration.ofMinutes(1));
        barrier(coordinator, former, "z2");

        assertThat(store.tries("s")).isEqualTo(2);
    }

    @Test
    void givesTheFlushesOfAWorkerThatCrashedToAnother() {
        AtomicInteger tasks = new AtomicInteger();
        ActorRef<Command> coordinator = coordinator(1, 100, task -> {
            if (tasks.incrementAndGet() == 2) {
                throw new RejectedExecutionException("scripted");
            }
            threads.execute(task);
        });
        TestProbe<FlushStored> probe = kit.createTestProbe();
        coordinator.tell(submit("u", "s", 1, probe.getRef()));
        barrier(coordinator, probe, "z");
        assertThat(store.tries("s")).isZero();

        time.timePasses(Duration.ofMillis(100));
        assertThat(probe.receiveMessage(LIMIT)).isEqualTo(new FlushStored("s", 1));
    }

    /** The next sessions that are told to be stored, so many, while time passes. */
    private Set<String> storedInTime(TestProbe<FlushStored> probe, int count) {
        return storedInTime(probe, count, count);
    }

    /** The same when so many are written, some of which were told before. */
    private Set<String> storedInTime(TestProbe<FlushStored> probe, int count, int written) {
        probe.awaitAssert(LIMIT, Duration.ofMillis(5), () -> {
            time.timePasses(LONGEST_PAUSE);
            assertThat(store.written()).isGreaterThanOrEqualTo(written);
            return count;
        });
        Set<String> stored = new HashSet<>();
        probe.receiveSeveralMessages(count, LIMIT).forEach(answer -> stored.add(answer.sessionId()));
        return stored;
    }

    private ActorRef<Command> coordinator(int maxWorkers, int maxBatchMessages) {
        return coordinator(maxWorkers, maxBatchMessages, threads);
    }

    private ActorRef<Command> coordinator(int maxWorkers, int maxBatchMessages, Executor executor) {
        FlushSettings settings = new FlushSettings(maxWorkers, maxBatchMessages, Duration.ofMillis(100), LONGEST_PAUSE);
        ActorRef<Command> coordinator = kit.spawn(FlushCoordinator.create(settings, store, executor, counters));
        coordinators.add(coordinator);
        barrier(coordinator, kit.createTestProbe(), "ready"); // a worker is there from now on
        store.forget();
        return coordinator;
    }

    /** Has everything that {@code submissions} sends come to the coordinator while its only worker is busy. */
    private void whileBusy(ActorRef<Command> coordinator, TestProbe<FlushStored> probe, Runnable submissions) {
        store.hold();
        coordinator.tell(submit("busy", "busy", 1, probe.getRef()));
        store.awaitFlush();
        submissions.run();
        store.letAllPass();
        assertThat(probe.receiveMessage(LIMIT).sessionId()).isEqualTo("busy");
    }

    /** Proves that the coordinator's only worker has done all that was due, and that nothing was answered. */
    private static void barrier(ActorRef<Command> coordinator, TestProbe<FlushStored> probe, String sessionId) {
        coordinator.tell(submit("barrier", sessionId, 1, probe.getRef()));
        assertThat(probe.receiveMessage(LIMIT).sessionId()).isEqualTo(sessionId);
    }

    private static Submit submit(String userId, String sessionId, int messages, ActorRef<FlushStored> replyTo) {
        FlushBuilder flush = new FlushBuilder(userId, sessionId);
        for (int seq = 1; seq <= messages; seq++) {
            flush.append(seq);
        }
        return new Submit(flush.build(), replyTo);
    }
}
