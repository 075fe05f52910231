package memfuse.protocol.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTextTest {
    private static final String SHORTEST = "abcdefghijklmnopqrstuvwxyz-._~+/";

    @Test
    void makesKeysThatDifferAndAreAllowed() {
        SecureRandom random = new SecureRandom();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String key = KeyText.random(random);
            assertThat(KeyText.isAllowed(key)).as(key).isTrue();
            assertThat(key).hasSize(46).startsWith("mf_");
            keys.add(key);
        }
        assertThat(keys).hasSize(1000);
    }

    @Test
    void takesKeysOfTheLengthsAndCharactersThatItNames() {
        assertThat(KeyText.isAllowed(SHORTEST)).isTrue();
        assertThat(KeyText.isAllowed("AZaz09==".repeat(4))).isTrue();
        assertThat(KeyText.isAllowed("x".repeat(255))).isTrue();
        assertThat(KeyText.isAllowed("x".repeat(256))).isFalse();
        assertThat(KeyText.isAllowed(SHORTEST.substring(1))).isFalse();
        assertThat(KeyText.isAllowed("")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\t", "\n", "\0", ",", ";", "\"", "@", "[", "`", "{", ":", "é", "漢", "\u00a0"})
    void takesNoOtherCharacters(String character) {
        assertThat(KeyText.isAllowed(SHORTEST + character)).isFalse();
        assertThat(KeyText.isAllowed(character + SHORTEST)).isFalse();
    }
}
