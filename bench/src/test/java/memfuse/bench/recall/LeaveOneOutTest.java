package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class LeaveOneOutTest {
    private static final EvidenceRecall FIRST = Samples.foundAt(1);
    private static final EvidenceRecall LATE = Samples.foundAt(20);
    private static final EvidenceRecall LATEST = Samples.foundAt(40);

    /** The second candidate is best on the whole only because of the last conversation, where it is perfect. */
    @Test
    void choosesWithoutLookingAtWhatIsLeftOut() {
        List<EvidenceRecall> steady = List.of(LATE, LATE, LATEST);
        List<EvidenceRecall> lucky = List.of(LATEST, LATE, FIRST);
        LeaveOneOut result = LeaveOneOut.of(List.of(steady, lucky));
        assertThat(result.bestOnAll()).isEqualTo(1);
        assertThat(result.chosen()).containsExactly(1, 1, 0);
        assertThat(result.heldOut().questions(QuestionGroup.ALL)).isEqualTo(3);
        assertThat(result.heldOut().recall(QuestionGroup.ALL, 5)).isEqualTo(0);
        assertThat(EvidenceRecall.of(lucky).recall(QuestionGroup.ALL, 5)).isGreaterThan(30);
    }

    @Test
    void needsSomethingToBeLeft() {
        assertThatThrownBy(() -> LeaveOneOut.of(List.of(List.of(FIRST))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one of 1");
    }
}
