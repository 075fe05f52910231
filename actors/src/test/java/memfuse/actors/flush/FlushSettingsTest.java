package memfuse.actors.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlushSettingsTest {
    private final FlushSettings settings = new FlushSettings(2, 100, Duration.ofMillis(100), Duration.ofSeconds(5));

    @Test
    void doublesThePauseWithEachFailureUpToTheLongest() {
        assertThat(settings.retryPause(1, 0)).isEqualTo(Duration.ofMillis(100));
        assertThat(settings.retryPause(2, 0)).isEqualTo(Duration.ofMillis(200));
        assertThat(settings.retryPause(6, 0)).isEqualTo(Duration.ofMillis(3200));
        assertThat(settings.retryPause(7, 0)).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.retryPause(Integer.MAX_VALUE, 0)).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void takesUpToHalfOfThePauseAwayAtRandom() {
        assertThat(settings.retryPause(1, 0.5)).isEqualTo(Duration.ofMillis(75));
        assertThat(settings.retryPause(1, 1)).isEqualTo(Duration.ofMillis(50));
        assertThat(settings.retryPause(40, 1)).isEqualTo(Duration.ofMillis(2500));
    }

    @Test
    void pausesForAMillisecondAtLeast() {
        FlushSettings shortest = new FlushSettings(1, 1, Duration.ofNanos(1), Duration.ofNanos(1));
        assertThat(shortest.retryPause(1, 1)).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void refusesBoundsThatMakeNoSense() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new FlushSettings(0, 1, second, second)).hasMessageContaining("maxWorkers=0");
        assertThatThrownBy(() -> new FlushSettings(1, 0, second, second)).hasMessageContaining("maxBatchMessages=0");
        assertThatThrownBy(() -> new FlushSettings(1, 1, Duration.ZERO, second)).hasMessageContaining("retryMin=PT0S");
        assertThatThrownBy(() -> new FlushSettings(1, 1, second, Duration.ofMillis(999)))
                .hasMessageContaining("retryMax=PT0.999S");
    }
}
