package memfuse.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final Report report = new Report("How fast?")
            .from("command", "`bench fast`")
            .figure("ratio", 0.654, "", Target.atLeast(0.6))
            .figure("time", 12_345.6, "ms")
            .table(Table.of("Rounds", "First", "Second").with("1", "2"));

    @Test
    void readsAsMarkdown() {
        assertThat(report.markdown())
                .contains("## How fast?")
                .contains("| ratio | 0.65 | ≥ 0.6 |")
                .contains("| time | 12,346 ms |  |")
                .contains("Rounds:\n\n| First | Second |\n| --- | --- |\n| 1 | 2 |")
                .contains("- command: `bench fast`");
    }

    @Test
    void saysTheSameAsJsonOnOneLine() throws IOException {
        assertThat(report.json()).doesNotContain("\n");
        JsonNode json = new ObjectMapper().readTree(report.json());
        assertThat(json.path("question").asText()).isEqualTo("How fast?");
        assertThat(json.path("figures").path(0).path("value").asDouble()).isEqualTo(0.654);
        assertThat(json.path("figures").path(0).path("reached").asBoolean()).isTrue();
        assertThat(json.path("tables").path(0).path("rows").path(0).path(1).asText())
                .isEqualTo("2");
    }

    @Test
    void isGoodUntilATargetIsMissed() {
        assertThat(report.isGood()).isTrue();
        report.figure("start", 8.0, "s", Target.below(8));
        assertThat(report.isGood()).isFalse();
        assertThat(report.markdown()).contains("| start | 8 s | < 8 (missed) |");
    }
}
