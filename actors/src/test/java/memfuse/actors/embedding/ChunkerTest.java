package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import memfuse.actors.embedding.Chunker.Chunk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkerTest {
    private static final int MAX_TOKENS = 200;
    private static final String SENTENCE = "The committee met on Tuesday and agreed on nothing whatsoever. ";

    private final TokenCounter counter = new TokenCounter();
    private final Chunker chunker = new Chunker(counter, MAX_TOKENS);

    @Test
    void leavesAShortTextWhole() {
        assertThat(chunker.chunk("A short message.")).containsExactly(new Chunk("A short message.", 4));
        assertThat(chunker.chunk(" ")).containsExactly(new Chunk(" ", 1));
    }

    @Test
    void endsAUnitAfterAParagraphWhereItCan() {
        String paragraph = SENTENCE.repeat(12).strip();
        List<Chunk> chunks = chunker.chunk(paragraph + "\n\n" + paragraph + "\n\n" + paragraph);
        assertThat(chunks).hasSize(3);
        assertThat(chunks).extracting(c -> c.text().strip()).containsOnly(paragraph);
    }

    @Test
    void endsAUnitAfterASentenceWhereItCan() {
        List<Chunk> chunks = chunker.chunk(SENTENCE.repeat(60));
        assertThat(chunks)
                .hasSizeBetween(4, 6)
                .allSatisfy(c -> assertThat(c.text().strip()).startsWith("The").endsWith("whatsoever."));
    }

    @Test
    void endsAUnitAfterASentenceWithoutSpaces() {
        List<Chunk> chunks = chunker.chunk("我们昨天去了公园，看到了很多花。".repeat(60));
        assertThat(chunks).allSatisfy(c -> assertThat(c.text()).endsWith("。"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                " ",
                "\n",
                "é",
                "漢",
                "😀",
                "\"",
                "word ",
                "x. ",
                "\u0000",
                "\uD800",
                "。",
                "\n\n a",
                "👩‍👩‍👧‍👦"
            })
    void cutsMuchOfAnything(String unit) {
        assertUnits("a" + unit.repeat((1 << 15) / unit.length()));
    }

    @Test
    void losesNothingOfRandomTexts() {
        long seed = System.nanoTime();
        System.out.println("ChunkerTest seed " + seed);
        Random random = new Random(seed);
        String[] parts = {
            "a",
            "word",
            " ",
            "  ",
            "\n",
            "\n\n",
            ". ",
            "!",
            "? ",
            "漢字",
            "😀",
            "\uD83D",
            "supercalifragilistic",
            ",",
            "é",
            "<|endoftext|>",
            "\t",
            "1234567890",
            "。",
            "\"",
            ")"
        };
        for (int i = 0; i < 60; i++) {
            String text = random.ints(1 + random.nextInt(3000), 0, parts.length)
                    .mapToObj(p -> parts[p])
                    .collect(Collectors.joining());
            assertUnits(text);
            assertThat(chunker.chunk(text)).isEqualTo(chunker.chunk(text));
        }
    }

    @Test
    void refusesABoundThatAWordMayPass() {
        assertThatThrownBy(() -> new Chunker(counter, 10))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10");
    }

    private void assertUnits(String text) {
        List<Chunk> chunks = chunker.chunk(text);
        assertThat(chunks.stream().map(Chunk::text).collect(Collectors.joining()))
                .isEqualTo(text);
        for (Chunk chunk : chunks) {
            assertThat(chunk.text()).isNotEmpty();
            assertThat(chunk.tokens()).isEqualTo(counter.count(chunk.text())).isLessThanOrEqualTo(MAX_TOKENS);
        }
    }
}
