package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextHashTest {
    @Test
    void looksAtWordsAlone() {
        assertThat(TextHash.of("Hello, World!")).isEqualTo(TextHash.of("hello world"));
        assertThat(TextHash.of("hello world")).isNotEqualTo(TextHash.of("world hello"));
        assertThat(TextHash.of("😀")).isNotEqualTo(TextHash.of("😀😀"));
        assertThat(TextHash.of("a1")).isNotEqualTo(TextHash.of("a2"));
        assertThat(TextHash.of("?!")).isEqualTo(TextHash.of(""));
    }

    @Test
    void joinsPiecesToTheWhole() {
        TextHash whole = TextHash.of("One two, three. Four!");
        assertThat(TextHash.of("One two,").then(TextHash.of(" three.")).then(TextHash.of(" Four!")))
                .isEqualTo(whole);
        assertThat(TextHash.of("").then(whole)).isEqualTo(whole);
    }
}
