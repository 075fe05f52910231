package memfuse.cluster.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TenureTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final Tenure tenure = new Tenure(nanos::get);

    @Test
    void holdsWhileTheNodeBeatsAndReachesTheOthers() {
        tenure.see(false, false);
        for (int i = 0; i < 100; i++) {
            pass(Tenure.LONGEST_PAUSE);
            tenure.beat();
            assertThat(tenure.getAsBoolean()).isTrue();
        }
    }

    @Test
    void doesNotHoldAfterAPauseUntilTheOthersHadTimeToSaySo() {
        tenure.see(false, false);
        pass(Tenure.LONGEST_PAUSE.plusNanos(1));
        assertThat(tenure.getAsBoolean()).isFalse();
        tenure.beat();
        assertThat(tenure.getAsBoolean()).isFalse();
        beatFor(Tenure.DOUBT);
        assertThat(tenure.getAsBoolean()).isFalse();
        beatFor(Duration.ofSeconds(1));
        assertThat(tenure.getAsBoolean()).isTrue();
    }

    @Test
    void doesNotHoldWithoutMostOfTheOthers() {
        tenure.see(false, true);
        assertThat(tenure.getAsBoolean()).isTrue();
        beatFor(Tenure.LONGEST_ISOLATION);
        tenure.see(false, true);
        beatFor(Duration.ofNanos(1));
        assertThat(tenure.getAsBoolean()).isFalse();
        tenure.see(false, false);
        assertThat(tenure.getAsBoolean()).isTrue();
    }

    @Test
    void holdsForANodeThatIsAlone() {
        tenure.see(true, false);
        pass(Duration.ofDays(1));
        assertThat(tenure.getAsBoolean()).isTrue();
    }

    @Test
    void neverHoldsAgainOnceTheNodeIsGivenUp() {
        tenure.end();
        tenure.see(true, false);
        tenure.beat();
        assertThat(tenure.getAsBoolean()).isFalse();
    }

    private void beatFor(Duration time) {
        Duration step = Duration.ofMillis(250);
        Duration left = time;
        while (left.compareTo(step) > 0) {
            pass(step);
            tenure.beat();
            left = left.minus(step);
        }
        pass(left);
        tenure.beat();
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
