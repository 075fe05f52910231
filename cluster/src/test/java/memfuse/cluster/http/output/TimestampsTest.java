package memfuse.cluster.http.output;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestampsTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-31T23:59:59.123456Z,    2026-01-31T23:59:59.123456Z",
        "2026-01-31T00:00:00Z,           2026-01-31T00:00:00.000000Z",
        "2026-10-09T08:07:06.000005999Z, 2026-10-09T08:07:06.000005Z",
        "0001-01-01T00:00:00Z,           0001-01-01T00:00:00.000000Z",
        "1969-12-31T23:59:59.999999Z,    1969-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59.999999Z,    9999-12-31T23:59:59.999999Z",
    })
    void writesEveryTimeInOneFormat(Instant time, String text) {
        assertThat(Timestamps.text(time)).isEqualTo(text);
    }
}
