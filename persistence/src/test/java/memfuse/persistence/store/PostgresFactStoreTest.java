package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.testkit.FactStoreContract;
import memfuse.protocol.testkit.LayerStoreFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresFactStoreTest extends FactStoreContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @Test
    void leavesNoEvidenceWithoutItsFact() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        FactBatch batch = facts().waiting(1, 10, 100, Set.of()).get(0);
        facts().store(batch, List.of(fact(1L, 2L), fact(3L)), "test/1");
        assertThat(POSTGRES.rows("SELECT seq FROM fact_evidence ORDER BY seq")).containsExactly("1", "2", "3");

        flush(flushOf("u", "s").after(3).delete(2).upTo(4));
        assertThat(POSTGRES.rows("SELECT seq FROM fact_evidence")).containsExactly("3");
        store().eraseSession("u", "s");
        assertThat(POSTGRES.rows("SELECT seq FROM fact_evidence UNION ALL SELECT next_seq FROM fact_progress"))
                .isEmpty();
    }

    private static ExtractedFact fact(Long... seqs) {
        return new ExtractedFact("ann", "likes", "tea", "I like tea.", "likes tea", List.of(seqs), null, null, 1);
    }
}
