package memfuse.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ChatTextsTest {
    @Test
    void saysTheSameForTheSameSeed() {
        assertThat(new ChatTexts(7).next(20)).isEqualTo(new ChatTexts(7).next(20));
        assertThat(new ChatTexts(7).next(20)).isNotEqualTo(new ChatTexts(8).next(20));
    }

    @Test
    void isAsLongAsAChatTurn() {
        assertThat(new ChatTexts(1).next(1000))
                .allSatisfy(text -> assertThat(text.length()).isBetween(100, 200));
    }
}
