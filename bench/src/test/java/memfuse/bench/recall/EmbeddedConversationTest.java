package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.retrieval.FusionWeights;
import org.junit.jupiter.api.Test;

class EmbeddedConversationTest {
    /** Finds nothing by meaning: all texts are alike to it. */
    private static final class AllAlike implements EmbeddingModel {
        @Override
        public String name() {
            return "all-alike";
        }

        @Override
        public int dimensions() {
            return 2;
        }

        @Override
        public float[][] embed(List<String> texts) {
            return texts.stream().map(text -> new float[] {1, 0}).toArray(float[][]::new);
        }

        @Override
        public void close() {}
    }

    @Test
    void isSearchedUnderTheWeightsGiven() throws IOException {
        Conversation harbour = ConversationFile.read(Samples.file()).get(1);
        var embedded = new EmbeddedConversation(harbour, new AllAlike(), String::length);
        assertThat(embedded.recall(FusionWeights.DEFAULTS).recall(QuestionGroup.ALL, 5))
                .isEqualTo(100);
        assertThat(embedded.recall(words(1)).recall(QuestionGroup.ALL, 1)).isEqualTo(100);
        assertThat(embedded.recall(words(-1)).recall(QuestionGroup.ALL, 1)).isEqualTo(0);
    }

    private static FusionWeights words(double weight) {
        return new FusionWeights(0, 0, 0, weight, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
}
