package memfuse.actors.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import memfuse.protocol.store.ModelStore;
import memfuse.protocol.store.StoreException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** How a node has the units of other models embedded anew, over a store with a script. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ModelAdoptionTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ActorTestKit kit = ActorTestKit.create(ManualTime.config());
    private final ManualTime time = ManualTime.get(kit.system());
    private @Nullable ActorRef<?> adoption;

    /** Steps and counts as they are to come; a step of −1 fails; the last count stays. */
    private static final class ScriptedStore implements ModelStore {
        private final Deque<Integer> steps;
        private final Deque<Long> counts;

        ScriptedStore(List<Integer> steps, List<Long> counts) {
            this.steps = new ArrayDeque<>(steps);
            this.counts = new ArrayDeque<>(counts);
        }

        @Override
        public synchronized Adoption adoptNext() {
            int marked = steps.remove();
            if (marked < 0) {
                throw new StoreException("scripted", new IllegalStateException("scripted"));
            }
            return new Adoption(marked, steps.isEmpty());
        }

        @Override
        public synchronized long pendingUnits() {
            return counts.size() > 1 ? counts.remove() : counts.element();
        }
    }

    @AfterEach
    void stop() {
        if (adoption != null) {
            kit.stop(adoption, LIMIT);
            adoption = null;
        }
    }

    @AfterAll
    void shutDown() {
        kit.shutdownTestKit();
    }

    private void start(ModelStore store, boolean embeds, TestProbe<Object> heard) {
        adoption = kit.spawn(ModelAdoption.create(
                store,
                Runnable::run,
                "new-model",
                embeds,
                () -> heard.getRef().tell("marked"),
                pending -> heard.getRef().tell(pending)));
    }

    @Test
    void wakesTheBacklogWithEachStepThatMarkedSomethingAndCountsWhatWaits() {
        TestProbe<Object> heard = kit.createTestProbe();
        start(new ScriptedStore(List.of(5, 0, 2, 0), List.of(7L, 3L, 0L)), true, heard);
        assertThat(heard.receiveSeveralMessages(3, LIMIT)).containsExactlyInAnyOrder("marked", "marked", 7L);
        time.timePasses(ModelAdoption.COUNT_INTERVAL);
        heard.expectMessage(LIMIT, 3L);
        time.timePasses(ModelAdoption.COUNT_INTERVAL);
        heard.expectMessage(LIMIT, 0L);
    }

    @Test
    void triesAgainWhenTheStoreFails() {
        TestProbe<Object> heard = kit.createTestProbe();
        start(new ScriptedStore(List.of(-1, 4), List.of(4L)), true, heard);
        heard.expectMessage(LIMIT, 4L); // after the failure
        time.timePasses(RetryPause.MIN);
        heard.expectMessage(LIMIT, "marked");
    }

    @Test
    void countsNothingWithoutAModel() {
        TestProbe<Object> heard = kit.createTestProbe();
        ScriptedStore store = new ScriptedStore(List.of(0), List.of(5L, 6L));
        start(store, false, heard);
        time.timePasses(ModelAdoption.COUNT_INTERVAL);
        stop();
        assertThat(store.pendingUnits()).isEqualTo(5);
    }
}
