package memfuse.cluster.http.context;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import org.junit.jupiter.api.Test;

class PromptContextTest {
    private static final Instant DAY = Instant.parse("2026-01-31T10:20:30Z");
    private static final int TITLE = words("Recent conversation:\n");

    @Test
    void givesTheEndOfTheConversationInItsOrderAndThenTheBestMemories() {
        PromptContext context = PromptContext.within(
                100,
                List.of(said("m3", 1), said("m2", 1), said("m1", 1)),
                List.of(memory("a", 1)),
                PromptContextTest::words);

        assertThat(ids(context.recent())).containsExactly("m1", "m2", "m3");
        assertThat(ids(context.memories())).containsExactly("a");
        assertThat(context.text())
                .isEqualTo("Recent conversation:\nuser: w\nuser: w\nuser: w\nMemories:\n- (2026-01-31, Ann) w\n");
        assertThat(context.tokens()).isEqualTo(words(context.text()));
    }

    @Test
    void givesTheConversationHalfOfTheBudgetAsLongAsThereAreMemories() {
        List<ContextItem> memories =
                IntStream.range(0, 20).mapToObj(i -> memory("a" + i, 1)).toList();
        PromptContext context = PromptContext.within(39, conversation(20), memories, PromptContextTest::words);

        assertThat(ids(context.recent())).hasSize(8).startsWith("m13").endsWith("m20");
        assertThat(ids(context.memories())).containsExactly("a0", "a1", "a2", "a3", "a4");
        assertThat(context.tokens()).isEqualTo(18 + 21);
    }

    @Test
    void givesTheConversationWhatMemoriesLeave() {
        PromptContext context =
                PromptContext.within(2 * 10 + TITLE, conversation(20), List.of(), PromptContextTest::words);

        assertThat(context.recent()).hasSize(10);
        assertThat(ids(context.recent())).startsWith("m11").endsWith("m20");
    }

    @Test
    void showsRoundsWhole() {
        List<ContextItem> history = List.of(said("m5", 1, 5), said("m4", 1, 3), said("m3", 1, 3), said("m2", 1, 1));
        for (int messages = 1; messages <= 4; messages++) {
            PromptContext context =
                    PromptContext.within(2 * messages + TITLE, history, List.of(), PromptContextTest::words);

            assertThat(ids(context.recent()))
                    .as("room for %d messages", messages)
                    .isEqualTo(List.of("m2", "m3", "m4", "m5").subList(messages == 2 ? 3 : 4 - messages, 4));
        }
    }

    @Test
    void showsTheEndOfARoundThatIsLargerThanTheBudget() {
        List<ContextItem> history = List.of(said("m3", 1, 1), said("m2", 1, 1), said("m1", 1, 1));
        PromptContext half =
                PromptContext.within(10, history, List.of(memory("a", 50), memory("b", 2)), PromptContextTest::words);
        assertThat(ids(half.recent())).containsExactly("m3");
        assertThat(ids(half.memories())).containsExactly("b");

        PromptContext whole = PromptContext.within(4 + TITLE, history, List.of(), PromptContextTest::words);
        assertThat(ids(whole.recent())).containsExactly("m2", "m3");
    }

    @Test
    void takesARoundAwayWholeWhereTheSumIsMoreThanItsParts() {
        List<ContextItem> history = List.of(said("m3", 1, 3), said("m2", 1, 1), said("m1", 1, 1));
        PromptContext context = PromptContext.within(
                6 + TITLE,
                history,
                List.of(),
                text -> words(text) + (text.lines().count() > 3 ? 1 : 0));

        assertThat(ids(context.recent())).containsExactly("m3");
    }

    @Test
    void leavesOutAMemoryThatDoesNotFitAndTakesTheNext() {
        PromptContext context = PromptContext.within(
                20, List.of(), List.of(memory("long", 50), memory("short", 2)), PromptContextTest::words);

        assertThat(ids(context.memories())).containsExactly("short");
    }

    @Test
    void doesNotSayTheSameTwice() {
        PromptContext context = PromptContext.within(
                100,
                List.of(said("m1", 2)),
                List.of(memory("m1", 2), memory("a", 1), memory("a", 1)),
                PromptContextTest::words);

        assertThat(ids(context.recent())).containsExactly("m1");
        assertThat(ids(context.memories())).containsExactly("a");
    }

    @Test
    void isEmptyWhereNothingFits() {
        PromptContext context =
                PromptContext.within(1, List.of(said("m1", 5)), List.of(memory("a", 5)), PromptContextTest::words);

        assertThat(context.text()).isEmpty();
        assertThat(context.tokens()).isZero();
    }

    /** The counter counts the whole higher than its parts, as a vocabulary of pieces may at their seams. */
    @Test
    void neverPassesTheBudget() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 500; run++) {
            List<ContextItem> history = new ArrayList<>();
            List<ContextItem> found = new ArrayList<>();
            for (int i = random.nextInt(12); i > 0; i--) {
                history.add(said("m" + i, 1 + random.nextInt(20)));
            }
            for (int i = random.nextInt(12); i > 0; i--) {
                found.add(memory((random.nextBoolean() ? "m" : "a") + i, 1 + random.nextInt(20)));
            }
            int budget = 1 + random.nextInt(120);
            PromptContext context =
                    PromptContext.within(budget, history, found, text -> words(text) + (text.length() > 60 ? 3 : 0));

            assertThat(context.tokens()).isLessThanOrEqualTo(budget);
            List<String> all = new ArrayList<>(ids(context.recent()));
            all.addAll(ids(context.memories()));
            assertThat(all).doesNotHaveDuplicates();
        }
    }

    private static List<ContextItem> conversation(int messages) {
        return IntStream.rangeClosed(1, messages)
                .mapToObj(i -> said("m" + (messages + 1 - i), 1))
                .toList();
    }

    private static ContextItem said(String id, int words) {
        return said(id, words, 0);
    }

    private static ContextItem said(String id, int words, long roundSeq) {
        String content = "w ".repeat(words).strip();
        return ContextItem.of(new Message(id, 1, Role.USER, null, content, DAY, DAY, null, words, roundSeq));
    }

    private static ContextItem memory(String id, int words) {
        String content = "w ".repeat(words).strip();
        return new ContextItem(id, "m1", 0.5, content, DAY, "- (2026-01-31, Ann) " + content + "\n", 0);
    }

    private static int words(String text) {
        return text.isBlank() ? 0 : text.strip().split("\\s+").length;
    }

    private static List<String> ids(List<ContextItem> items) {
        return items.stream().map(ContextItem::id).toList();
    }
}
