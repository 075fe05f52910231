package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCounterTest {
    private final TokenCounter counter = new TokenCounter();

    @Test
    void countsAsTheVocabularyDoes() {
        assertThat(counter.count("")).isZero();
        assertThat(counter.count("hello world")).isEqualTo(2);
        assertThat(counter.count("antidisestablishmentarianism")).isEqualTo(6);
        assertThat(counter.count("Hello, world!\n")).isEqualTo(4);
    }

    @Test
    void countsSpecialTokensAsText() {
        assertThat(counter.count("<|endoftext|>")).isEqualTo(7);
        assertThat(counter.count("a <|fim_prefix|> b")).isGreaterThan(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "\n", "é", "漢", "7", "!", "\u0000", "\uD800", "ab "})
    void countsMuchOfAnything(String unit) {
        String text = unit.repeat((1 << 16) / unit.length());
        assertThat(counter.count(text)).isBetween(1, 3 * text.length());
    }
}
