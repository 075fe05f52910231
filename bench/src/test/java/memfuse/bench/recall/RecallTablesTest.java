package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.bench.report.Table;
import org.junit.jupiter.api.Test;

class RecallTablesTest {
    @Test
    void putsThePublishedRowBesideWhereThereIsOne() {
        Map<String, EvidenceRecall> rankings = new LinkedHashMap<>();
        rankings.put("ours", Samples.foundAt(7));
        List<Table> tables = RecallTables.byGroup(rankings);
        assertThat(tables)
                .extracting(Table::title)
                .containsExactly(
                        "Evidence found in %, all (1 questions)",
                        "Evidence found in %, without adversarial (1 questions)",
                        "Evidence found in %, single-hop (1 questions)");
        List<String> ours = List.of("ours", "0.0", "100.0", "100.0", "100.0", "0.0", "100.0", "100.0", "100.0");
        assertThat(tables.get(0).rows())
                .containsExactly(
                        ours, List.of("DRAGON (paper, all ten)", "56.7", "66.2", "76.7", "82.7", "", "", "", ""));
        assertThat(tables.get(2).rows()).containsExactly(ours);
    }
}
