package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryCacheTest {
    private static final float[] MEANING = {1, 0};

    private final QueryCache<Integer, String> cache = new QueryCache<>(2, 0.98);

    private void put(String query, int options, long version, String answer) {
        cache.put(query, options, version, MEANING, answer);
    }

    @Test
    void answersTheSameQuery() {
        put("Where is  Bob? ", 5, 1, "at home");
        assertThat(cache.find("where is bob?", 5, 1)).contains("at home");
        assertThat(cache.find("where is bob", 5, 1)).isEmpty();
        assertThat(cache.find("where is bob?", 6, 1)).isEmpty();
    }

    @Test
    void doesNotKeepQueriesThatAreLong() {
        String longest = "word ".repeat(QueryCache.MAX_QUERY_CHARS / 5);
        put(longest, 5, 1, "an answer");
        assertThat(cache.find(longest, 5, 1)).contains("an answer");
        put(longest + "x", 5, 1, "another");
        assertThat(cache.find(longest + "x", 5, 1)).isEmpty();
        assertThat(cache.size()).isEqualTo(1);
    }

    @Test
    void answersAQueryThatIsSimilarEnough() {
        put("Where did Bob go camping in June?", 5, 1, "at the lake");
        String asked = "where did Bob go for camping in june";
        assertThat(cache.findSimilar(asked, at(0.981), 5, 1)).contains("at the lake");
        assertThat(cache.findSimilar(asked, at(0.979), 5, 1)).isEmpty();
        assertThat(cache.findSimilar(asked, at(0.99), 6, 1)).isEmpty();
        assertThat(cache.findSimilar(asked, at(0.99), 5, 2)).isEmpty();
    }

    @Test
    void takesTheMostSimilarQuery() {
        cache.put("what does it cost", 5, 1, at(0.985), "near");
        cache.put("what did it cost", 5, 1, at(0.995), "nearer");
        assertThat(cache.findSimilar("what would it cost", MEANING, 5, 1)).contains("nearer");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Did Ann go camping in June?     | Did Ann go camping in July?
            Did Ann go camping in May?      | Did Ann go camping in march?
            What did Ann do in 2022?        | What did Ann do in 2023?
            How many cats does Ann have, 2? | How many cats does Ann have, three?
            What does Ann eat?              | What does Ann not eat?
            What does Ann eat?              | What doesn't Ann eat?
            What did Ann say to Bob?        | What did Bob say to Ann?
            Ann's sister lives where        | Ida's sister lives where
            Where did she meet Ann?         | When did she meet Ann?
            What did Ann do last week?      | What did Ann do next week?
            What is his job?                | What is her job?
            did I meet them on Tuesday      | did I meet them on Thursday
            她六月去露营了吗                 | 她七月去露营了吗
            what does 🐱 mean                | what does 🐶 mean
            """)
    void neverTakesOneQueryForAnotherThatAsksSomethingElse(String answered, String asked) {
        put(answered, 5, 1, "answer");
        assertThat(cache.findSimilar(asked, MEANING, 5, 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            What did Ann cook for dinner?   | what did Ann make for dinner?
            Did she buy two cats?           | did she get 2 cats?
            Did she buy it in Sept.?        | Has she bought it in September?
            Isn't Ann's dog old?            | is not Ann’s dog old
            """)
    void takesQueriesWithTheSameMarksForTheSame(String answered, String asked) {
        put(answered, 5, 1, "answer");
        assertThat(cache.findSimilar(asked, MEANING, 5, 1)).contains("answer");
    }

    @Test
    void doesNotCompareTextsThatTheModelMayCut() {
        String text = "word ".repeat(QueryMarks.MAX_CHARS);
        put(text + "beginning", 5, 1, "answer");
        assertThat(cache.findSimilar(text + "end", MEANING, 5, 1)).isEmpty();
        assertThat(cache.find(text + "beginning", 5, 1)).contains("answer");
    }

    @Test
    void knowsOnlyTheSameWordsWhereSimilarityIsOff() {
        QueryCache<Integer, String> exact = new QueryCache<>(2, 1);
        exact.put("what now", 5, 1, MEANING, "A");
        assertThat(exact.findSimilar("what is now", MEANING, 5, 1)).isEmpty();
        assertThat(exact.find("what now", 5, 1)).contains("A");
    }

    @Test
    void findsAnAnswerWithoutAnEmbeddingByItsWordsAlone() {
        cache.put("what now", 5, 1, null, "A");
        assertThat(cache.findSimilar("what now", MEANING, 5, 1)).isEmpty();
        assertThat(cache.find("what now", 5, 1)).contains("A");
    }

    @Test
    void forgetsAtTheNextWrite() {
        put("q", 5, 1, "old");
        assertThat(cache.find("q", 5, 2)).isEmpty();
        assertThat(cache.size()).isZero();
        put("q", 5, 2, "new");
        assertThat(cache.find("q", 5, 2)).contains("new");
    }

    @Test
    void neverAnswersWithWhatWasFoundBeforeAWriteThatCameMeanwhile() {
        long versionAtSearch = 1;
        long versionNow = 2;
        put("q", 5, versionAtSearch, "found before the write");
        assertThat(cache.find("q", 5, versionNow)).isEmpty();
        put("q", 5, versionAtSearch, "found before the write");
        assertThat(cache.find("q", 5, versionNow)).isEmpty();
        assertThat(cache.findSimilar("q", MEANING, 5, versionNow)).isEmpty();
    }

    @Test
    void dropsTheLeastRecentlyUsed() {
        put("a", 5, 1, "A");
        put("b", 5, 1, "B");
        assertThat(cache.find("a", 5, 1)).isPresent();
        put("c", 5, 1, "C");
        assertThat(cache.size()).isEqualTo(2);
        assertThat(cache.find("b", 5, 1)).isEmpty();
        assertThat(cache.find("a", 5, 1)).contains("A");
        cache.clear();
        assertThat(cache.size()).isZero();
    }

    @Test
    void countsASimilarQueryAsUse() {
        cache.put("a cat", 5, 1, at(1), "A");
        cache.put("b dog", 5, 1, at(0), "B");
        assertThat(cache.findSimilar("a kitten", MEANING, 5, 1)).contains("A");
        cache.put("c cow", 5, 1, at(0.5), "C");
        assertThat(cache.find("b dog", 5, 1)).isEmpty();
        assertThat(cache.find("a cat", 5, 1)).contains("A");
    }

    @Test
    void cachesNothingAtSizeZero() {
        QueryCache<Integer, String> none = new QueryCache<>(0, 0.98);
        none.put("a", 5, 1, MEANING, "A");
        assertThat(none.find("a", 5, 1)).isEmpty();
        assertThatThrownBy(() -> new QueryCache<Integer, String>(-1, 0.98))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new QueryCache<Integer, String>(1, 1.1)).isInstanceOf(IllegalArgumentException.class);
    }

    /** The direction that has this cosine with {@link #MEANING}. */
    private static float[] at(double cosine) {
        return new float[] {(float) cosine, (float) Math.sqrt(1 - cosine * cosine)};
    }
}
