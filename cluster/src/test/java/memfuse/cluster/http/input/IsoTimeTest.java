package memfuse.cluster.http.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IsoTimeTest {
    @ParameterizedTest
    @CsvSource({
        "2026-01-31T10:20:30Z,             2026-01-31T10:20:30Z",
        "2026-01-31t10:20:30z,             2026-01-31T10:20:30Z",
        "2026-01-31T10:20:30.123456789Z,   2026-01-31T10:20:30.123456Z",
        "2026-01-31T10:20:30.1,            2026-01-31T10:20:30.100Z",
        "2026-01-31T10:20,                 2026-01-31T10:20:00Z",
        "2026-01-31 10:20:30,              2026-01-31T10:20:30Z",
        "2026-01-31,                       2026-01-31T00:00:00Z",
        "2026-01-31T10:20:30+02:00,        2026-01-31T08:20:30Z",
        "2026-01-31T10:20:30-0130,         2026-01-31T11:50:30Z",
        "2026-01-31T10:20:30+02,           2026-01-31T08:20:30Z",
        "0001-01-01T00:00:00Z,             0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z,   9999-12-31T23:59:59.999999Z",
    })
    void readsTimesAsClientsWriteThem(String text, Instant time) {
        assertThat(IsoTime.parse(text)).contains(time);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "now",
                "2026-02-30T00:00:00Z",
                "2026-01-31T25:00:00Z",
                "2026-01-31T10:20:60Z",
                "2026-01-3110:20:30",
                "2026-01-31T10:20:30Zulu",
                "2026-01-31T10:20:30+99:00",
                "0000-01-01T00:00:00Z",
                "0001-01-01T00:00:00+01:00",
                "+10000-01-01T00:00:00Z",
                "-0001-01-01T00:00:00Z",
                "1769854830",
                "2026-01-31T10:20:30.1234567890123456789012345678901234567890123456789Z",
            })
    void refusesEverythingElse(String text) {
        assertThat(IsoTime.parse(text)).isEmpty();
    }
}
