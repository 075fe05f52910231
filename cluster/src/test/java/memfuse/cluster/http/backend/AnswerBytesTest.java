package memfuse.cluster.http.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class AnswerBytesTest {
    private final AnswerBytes answers = new AnswerBytes(60, 100);

    private AnswerBytes.Share take(long bytes) {
        return Objects.requireNonNull(answers.tryTake(bytes));
    }

    @Test
    void refusesWhatWouldPassTheBoundUntilSomethingIsGivenBack() {
        AnswerBytes.Share first = take(60);
        assertThat(answers.tryTake(41)).isNull();
        take(40);
        first.giveBack();
        first.giveBack();
        assertThat(answers.bytes()).isEqualTo(40);
        take(60);
    }

    @Test
    void countsWhatAnAnswerTurnsOutToHave() {
        AnswerBytes.Share share = take(50);
        share.resize(120);
        assertThat(answers.bytes()).isEqualTo(120);
        assertThat(answers.tryTake(1)).isNull();
        share.giveBack();
        assertThat(answers.bytes()).isZero();
    }

    @Test
    void hasRoomForEachAnswerAlone() {
        take(1_000).giveBack();
        assertThat(answers.maxAnswerBytes()).isEqualTo(60);
        assertThat(new AnswerBytes(60, 10).maxAnswerBytes()).isEqualTo(10);
    }
}
