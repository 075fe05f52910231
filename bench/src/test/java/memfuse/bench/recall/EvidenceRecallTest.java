package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.bench.recall.Conversation.Category;
import org.junit.jupiter.api.Test;

class EvidenceRecallTest {
    private final EvidenceRecall recall = new EvidenceRecall();

    @Test
    void countsTheShareOfTheEvidenceAmongTheFirst() {
        recall.add(Samples.question(Category.MULTI_HOP, "a", "b", "c", "d"), List.of("x", "a", "y", "b", "z", "c"));
        assertThat(recall.recall(QuestionGroup.ALL, 1)).isEqualTo(0);
        assertThat(recall.recall(QuestionGroup.ALL, 2)).isEqualTo(25);
        assertThat(recall.recall(QuestionGroup.ALL, 5)).isEqualTo(50);
        assertThat(recall.recall(QuestionGroup.ALL, 50)).isEqualTo(75);
        assertThat(recall.hit(QuestionGroup.ALL, 1)).isEqualTo(0);
        assertThat(recall.hit(QuestionGroup.ALL, 2)).isEqualTo(100);
    }

    @Test
    void weighsQuestionsAlikeWhateverTheirEvidence() {
        recall.add(Samples.question(Category.MULTI_HOP, "a", "b"), List.of("a"));
        recall.add(Samples.question(Category.ADVERSARIAL, "a"), List.of("b"));
        recall.add(Samples.question(Category.TEMPORAL, "a"), List.of("a"));
        assertThat(recall.recall(QuestionGroup.ALL, 5)).isEqualTo(50);
        assertThat(recall.recall(QuestionGroup.WITHOUT_ADVERSARIAL, 5)).isEqualTo(75);
        assertThat(recall.recall(QuestionGroup.MULTI_HOP, 5)).isEqualTo(50);
        assertThat(recall.questions(QuestionGroup.WITHOUT_ADVERSARIAL)).isEqualTo(2);
        assertThat(recall.recall(QuestionGroup.SINGLE_HOP, 5)).isNaN();
    }

    @Test
    void addsUpOverParts() {
        EvidenceRecall both = EvidenceRecall.of(List.of(Samples.foundAt(1), Samples.foundAt(6)));
        assertThat(both.questions(QuestionGroup.ALL)).isEqualTo(2);
        assertThat(both.recall(QuestionGroup.ALL, 5)).isEqualTo(50);
        assertThat(both.hit(QuestionGroup.ALL, 10)).isEqualTo(100);
    }
}
