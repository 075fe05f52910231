package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FreeNamesTest {
    @Test
    void givesEachNameOnce() {
        FreeNames names = new FreeNames(List.of("a", "a (2)"));
        assertThat(names.take("b")).isEqualTo("b");
        assertThat(names.take("a")).isEqualTo("a (3)");
        assertThat(names.take("a")).isEqualTo("a (4)");
        assertThat(names.take("b")).isEqualTo("b (2)");
    }

    @Test
    void keepsWithinTheLengthOfAName() {
        String longest = "\uD83D\uDE00".repeat(255);
        FreeNames names = new FreeNames(List.of(longest));
        String name = names.take(longest);
        assertThat(name).endsWith("\uD83D\uDE00 (2)");
        assertThat(name.codePointCount(0, name.length())).isEqualTo(255);
    }
}
