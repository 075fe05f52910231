package memfuse.cluster.http.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "plain", "Grüße", "日本語", "👋🏽 and 𝄞", "\u0001\uFFFF"})
    void countsTheBytesOfWhatCanBeStored(String text) {
        assertThat(Texts.isStorable(text)).isTrue();
        assertThat(Texts.utf8Bytes(text)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(Texts.withoutLoneSurrogates(text)).isSameAs(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "a\0b", "\ud800", "\udc00", "\udc00\ud800", "👋\ud83d", "\ud83dx"})
    void knowsWhatCannotBeStored(String text) {
        assertThat(Texts.isStorable(text)).isFalse();
    }

    @Test
    void replacesOnlyLoneSurrogates() {
        assertThat(Texts.withoutLoneSurrogates("\udc00a👋\ud800")).isEqualTo("\uFFFDa👋\uFFFD");
    }
}
