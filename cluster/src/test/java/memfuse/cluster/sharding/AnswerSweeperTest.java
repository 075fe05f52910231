package memfuse.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnswerSweeperTest {
    private static final Duration RETENTION = Duration.ofHours(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config().withFallback(ConfigFactory.load()));
    private final ManualTime time = ManualTime.get(kit.system());
    private final TestProbe<Object> probe = kit.createTestProbe();
    private final InMemoryDirectory directory = new InMemoryDirectory();
    private final InMemoryLayerStore store = new InMemoryLayerStore(directory, false);
    private volatile Instant now = Instant.now();

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    @Test
    void forgetsAnswersWhenTheirTimeIsOverAndNotBefore() {
        storeAnswer();
        sweep(() -> now);
        passIntervals(3);
        assertThat(store.answer("s", "k")).isPresent();

        now = now.plus(RETENTION).plusSeconds(60);
        awaitForgotten();
    }

    @Test
    void triesAgainAfterAFailure() {
        storeAnswer();
        now = now.plus(RETENTION).plusSeconds(60);
        AtomicInteger sweeps = new AtomicInteger();
        sweep(() -> {
            if (sweeps.getAndIncrement() == 0) {
                throw new IllegalStateException("scripted");
            }
            return now;
        });
        awaitForgotten();
        assertThat(sweeps).hasValueGreaterThan(1);
    }

    private void storeAnswer() {
        Instant day = FlushBuilder.EPOCH;
        directory.create(EntityKind.USER, new Entity("u", "u", null, day, day));
        directory.createSession(new Session("s", "u", "a", "s", day, day));
        KeyedAnswer answer = new KeyedAnswer(
                new IdempotencyKey("k", "f"),
                List.of(),
                false,
                1,
                new BufferStatus(0, 0, 0, 0),
                new Watermarks(1, 1, 1, 1));
        store.flush(List.of(new FlushBuilder("u", "s").append(1).answer(answer).build()));
    }

    private void sweep(InstantSource clock) {
        kit.spawn(AnswerSweeper.create(store, Runnable::run, clock, RETENTION));
    }

    private void awaitForgotten() {
        probe.awaitAssert(LIMIT, () -> {
            passIntervals(1);
            assertThat(store.answer("s", "k")).isEmpty();
            return probe;
        });
    }

    private void passIntervals(int count) {
        for (int i = 0; i < count; i++) {
            time.timePasses(AnswerSweeper.INTERVAL);
        }
    }
}
