package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import memfuse.actors.retrieval.FusionWeights;
import memfuse.bench.recall.WeightGrid.Choice;
import org.junit.jupiter.api.Test;

class WeightGridTest {
    @Test
    void liesAroundTheDefaults() {
        assertThat(WeightGrid.all()).hasSize(243).extracting(Choice::weights).doesNotHaveDuplicates();
        assertThat(WeightGrid.all()).anySatisfy(choice -> {
            assertThat(choice.weights()).isEqualTo(FusionWeights.DEFAULTS);
            assertThat(choice.factors()).doesNotContain("0.5").doesNotContain("1.5");
        });
    }
}
