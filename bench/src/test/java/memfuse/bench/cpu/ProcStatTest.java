package memfuse.bench.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ProcStatTest {
    @Test
    void readsTheTimesBehindANameWithBlanksAndBrackets() {
        ProcStat stat = ProcStat.parse(
                "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 150 25 1000 200 20 0 1 0 5 1000 200 18446744073709551615");
        assertThat(stat.time()).isEqualTo(new CpuTime(Duration.ofMillis(1500), Duration.ofMillis(250)));
        assertThat(stat.endedChildren()).isEqualTo(new CpuTime(Duration.ofSeconds(10), Duration.ofSeconds(2)));
    }
}
