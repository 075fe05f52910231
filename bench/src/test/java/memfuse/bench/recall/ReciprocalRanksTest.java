package memfuse.bench.recall;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ReciprocalRanksTest {
    @Test
    void putsWhatBothHaveBeforeWhatOneHas() {
        assertThat(ReciprocalRanks.fuse(List.of(List.of("a", "b", "c"), List.of("d", "c", "b"))))
                .containsExactly("b", "c", "a", "d");
    }

    @Test
    void leavesOneRankingAsItIs() {
        assertThat(ReciprocalRanks.fuse(List.of(List.of(), List.of("q", "p")))).containsExactly("q", "p");
    }
}
