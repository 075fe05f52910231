package memfuse.cluster.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import memfuse.cluster.metrics.RecentRequests.Minute;
import org.junit.jupiter.api.Test;

class RecentRequestsTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5_000_000_000L);
    private final RecentRequests recent = new RecentRequests(nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    @Test
    void tellsTimesAndFailures() {
        pass(Duration.ofSeconds(4));
        for (int i = 1; i <= 100; i++) {
            recent.add(i <= 5 ? 503 : 201, Duration.ofMillis(i).toNanos());
        }
        Minute minute = recent.lastMinute();
        assertThat(minute.requests()).isEqualTo(100);
        assertThat(minute.failedShare()).isEqualTo(0.05);
        assertThat(minute.perSecond()).isEqualTo(25);
        assertThat(minute.millisAt(50)).isCloseTo(50, within(1.0));
        assertThat(minute.millisAt(99)).isCloseTo(99, within(1.0));
    }

    @Test
    void forgetsWhatIsOlderThanAMinute() {
        recent.add(200, 1);
        pass(Duration.ofSeconds(35));
        recent.add(500, 1);
        pass(Duration.ofSeconds(24));
        assertThat(recent.lastMinute().requests()).isEqualTo(2);
        pass(Duration.ofSeconds(1));
        assertThat(recent.lastMinute().requests()).isEqualTo(1);
        assertThat(recent.lastMinute().seconds()).isEqualTo(50);
        pass(Duration.ofHours(3));
        assertThat(recent.lastMinute().requests()).isZero();
        assertThat(recent.lastMinute().failedShare()).isZero();
        assertThat(recent.lastMinute().millisAt(99)).isZero();
    }

    @Test
    void takesTimesOfAnyLength() {
        recent.add(200, -1);
        recent.add(200, Long.MAX_VALUE);
        assertThat(recent.lastMinute().requests()).isEqualTo(2);
    }
}
