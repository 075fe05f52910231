package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IngestPaceTest {
    private final IngestPace pace = new IngestPace();

    @Test
    void doesNotRestWhereThereIsAProcessorForIt() {
        assertThat(restAfter(20, 0)).isZero();
        assertThat(restAfter(20, 20)).isZero();
        assertThat(pace.restAfter(ProcessorTimes.NONE, true)).isZero();
    }

    @Test
    void restsLongerThanItTookWhereOthersWantTheProcessors() {
        assertThat(restAfter(20, 80)).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void comesBackInTimeHoweverBusyTheMachineIs() {
        assertThat(restAfter(20, 60_000)).isEqualTo(IngestPace.MAX_REST);
        for (int i = 0; i < 100; i++) {
            assertThat(restBeforeMore(20, 60_000)).isEqualTo(IngestPace.MAX_LONG_REST);
        }
    }

    @Test
    void restsLongerAndLongerWhileABacklogHasToWait() {
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(400));
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(800));
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(1600));
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(3200));
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(3200));
    }

    @Test
    void worksABacklogOffWithoutRestsAsSoonAsAProcessorIsFree() {
        for (int i = 0; i < 100; i++) {
            restBeforeMore(20, 80);
        }
        assertThat(restBeforeMore(20, 5)).isEqualTo(Duration.ofMillis(400));
        assertThat(restBeforeMore(20, 5)).isEqualTo(Duration.ofMillis(200));
        assertThat(restBeforeMore(20, 5)).isEqualTo(Duration.ofMillis(100));
        assertThat(restBeforeMore(20, 5)).isZero();
        assertThat(restBeforeMore(20, 5)).isZero();
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void isNotMisledByOneBatchThatWasLucky() {
        for (int i = 0; i < 100; i++) {
            restBeforeMore(20, 80);
        }
        restBeforeMore(20, 5);
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(1600));
        assertThat(restBeforeMore(20, 80)).isEqualTo(Duration.ofMillis(3200));
    }

    @Test
    void doesNotKeepATextThatComesAloneWaitingForLonger() {
        restBeforeMore(20, 80);
        restBeforeMore(20, 80);
        assertThat(restAfter(20, 80)).isEqualTo(Duration.ofMillis(400));
        assertThat(restAfter(20, 80)).isEqualTo(Duration.ofMillis(400));
    }

    private Duration restAfter(long runMillis, long waitMillis) {
        return pace.restAfter(times(runMillis, waitMillis), false);
    }

    private Duration restBeforeMore(long runMillis, long waitMillis) {
        return pace.restAfter(times(runMillis, waitMillis), true);
    }

    private static ProcessorTimes times(long runMillis, long waitMillis) {
        return new ProcessorTimes(runMillis * 1_000_000, waitMillis * 1_000_000);
    }

    @Test
    void readsWhatLinuxCounts() {
        assertThat(ProcessorTimes.parse("731370 58196 1\n")).isEqualTo(new ProcessorTimes(731370, 58196));
        assertThat(ProcessorTimes.parse("")).isEqualTo(ProcessorTimes.NONE);
        assertThat(new ProcessorTimes(5, 9).since(new ProcessorTimes(2, 3))).isEqualTo(new ProcessorTimes(3, 6));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void knowsThatThisThreadHasRun() {
        assertThat(ProcessorTimes.ofThisThread().runNanos()).isPositive();
    }
}
