package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OrphanSweeperTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());
    private final TestProbe<String> asked = kit.createTestProbe();

    /** What the store answers, in this order; where it is empty, that there is no more. */
    private final Queue<Optional<String>> answers = new ConcurrentLinkedQueue<>();

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void goesOnWhereItStoppedAndBeginsAnewAfterTheEnd() {
        answers.add(Optional.of("session|m"));
        answers.add(Optional.of("session|x"));
        start();
        asked.expectMessage(LIMIT, "after ");
        awaitNext(OrphanSweeper.STEP, "after session|m");
        awaitNext(OrphanSweeper.STEP, "after session|x");
        time.timePasses(OrphanSweeper.STEP);
        asked.expectNoMessage(Duration.ZERO);
        awaitNext(OrphanSweeper.INTERVAL, "after ");
    }

    @Test
    void triesAgainAfterAFailure() {
        answers.add(Optional.of("fails"));
        start();
        asked.expectMessage(LIMIT, "after ");
        awaitNext(OrphanSweeper.INTERVAL, "after ");
    }

    private void start() {
        kit.spawn(OrphanSweeper.create(scripted(), Runnable::run));
    }

    /** The sweeper sets its timer at some moment after its question, so time passes until the next one comes. */
    private void awaitNext(Duration pause, String question) {
        asked.awaitAssert(LIMIT, () -> {
            time.timePasses(pause);
            return asked.expectMessage(Duration.ofMillis(50), question);
        });
    }

    private LayerStore scripted() {
        return (LayerStore) Proxy.newProxyInstance(
                LayerStore.class.getClassLoader(), new Class<?>[] {LayerStore.class}, (proxy, method, arguments) -> {
                    assertThat(method.getName()).isEqualTo("removeOrphans");
                    asked.getRef().tell("after " + arguments[0]);
                    Optional<String> next = answers.isEmpty() ? Optional.empty() : answers.remove();
                    if (next.equals(Optional.of("fails"))) {
                        throw new StoreException("scripted");
                    }
                    return next;
                });
    }
}
