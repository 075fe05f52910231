package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.testkit.KnowledgeStoreContract;
import memfuse.protocol.testkit.LayerStoreFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresKnowledgeStoreTest extends KnowledgeStoreContract {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @Test
    void keepsTheModelWithTheVector() {
        user("u");
        add("u", "a");
        store().storeVectors(
                        List.of(new UnitVector("u", UnitKey.ofKnowledge("u", 1, 0), "content of a", new float[] {1f})));

        assertThat(POSTGRES.rows("SELECT model, octet_length(vector) FROM knowledge_units"))
                .containsExactly(LayersDatabase.MODEL + ",4");
        KnowledgeStore otherModel = POSTGRES.knowledgeOf("model-2");
        otherModel.streamUnits("u", unit -> assertThat(unit.vector()).isNull());
    }

    @Test
    void letsNothingWaitWhereThereIsNoModel() {
        user("u");
        POSTGRES.knowledgeOf(null).add("u", List.of(item("a", "content of a")), Instant.EPOCH, WIDE);

        assertThat(store().pendingUnits(10, Set.of())).isEmpty();
        assertThat(contents("u")).containsExactly("content of a");
    }
}
