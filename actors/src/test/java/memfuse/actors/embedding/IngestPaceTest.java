package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class IngestPaceTest {
    @Test
    void doesNotRestWhereThereIsAProcessorForIt() {
        assertThat(restAfter(20, 0)).isZero();
        assertThat(restAfter(20, 60)).isZero();
        assertThat(IngestPace.restAfter(ProcessorTimes.NONE)).isZero();
    }

    @Test
    void restsLongerThanItTookWhereOthersWantTheProcessors() {
        assertThat(restAfter(20, 80)).isEqualTo(Duration.ofMillis(400));
    }

    @Test
    void comesBackInTimeHoweverBusyTheMachineIs() {
        assertThat(restAfter(20, 60_000)).isEqualTo(IngestPace.MAX_REST);
    }

    private static Duration restAfter(long runMillis, long waitMillis) {
        return IngestPace.restAfter(new ProcessorTimes(runMillis * 1_000_000, waitMillis * 1_000_000));
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
