package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class ScoreFusionTest {
    /** Weights of different powers of ten, so that each sign has its own digit. */
    private static FusionWeights weights(double dense, double neighbours, double bm25, double length, double session) {
        return new FusionWeights(dense, neighbours, 2 * neighbours, 0, bm25, 0, length, session, 0, 0, 0, 0, 0, 0);
    }

    private static TurnFeatures threeTurns() {
        TurnFeatures turns = new TurnFeatures(3);
        for (int slot = 0; slot < 3; slot++) {
            turns.searched[slot] = true;
            turns.session[slot] = 0;
        }
        turns.next[0] = 1;
        turns.previous[1] = 0;
        turns.next[1] = 2;
        turns.previous[2] = 1;
        return turns;
    }

    @Test
    void addsStandardisedSigns() {
        TurnFeatures turns = threeTurns();
        set(turns.dense, 0.2f, 0.4f, 0.6f); // z: -1.2247, 0, 1.2247
        set(turns.bm25Previous, 3, 0, 0); // z: 1.4142, -0.7071, -0.7071
        set(turns.logLength, 1, 1, 1); // all alike: nothing
        set(turns.added, 0, 5, 0);
        float[] fused = new ScoreFusion(weights(1, 0, 10, 100, 0)).fuse(turns, 1);
        assertScores(fused, -1.2247 + 14.1421, 0 - 7.0711 + 5, 1.2247 - 7.0711);
    }

    @Test
    void looksAtTheMeaningOfNeighbours() {
        TurnFeatures turns = threeTurns();
        set(turns.dense, 0.2f, 0.4f, 0.6f);
        float[] fused = new ScoreFusion(weights(0, 1, 0, 0, 0)).fuse(turns, 1);
        assertScores(fused, 0, -1.2247 + 2 * 1.2247, 0);
    }

    @Test
    void countsATurnWithoutAVectorOrWordsAsAverage() {
        TurnFeatures turns = threeTurns();
        set(turns.dense, 0.2f, Float.NaN, 0.6f); // z over two: -1, 1
        float[] fused = new ScoreFusion(weights(1, 10, 0, 0, 0)).fuse(turns, 1);
        assertScores(fused, -1, -10 + 20, 1);
    }

    @Test
    void takesATurnWithoutAVectorForAsNearInMeaningAsInWords() {
        TurnFeatures turns = threeTurns();
        set(turns.dense, 0.2f, Float.NaN, 0.6f); // z over two: -1, 1
        set(turns.bm25Own, 2, 0, 1); // z: 1.2247, -1.2247, 0
        assertScores(new ScoreFusion(weights(1, 0, 0, 0, 0)).fuse(turns, 1), -1, -1.2247, 1);
        set(turns.bm25Own, 0, 2, 1); // z: -1.2247, 1.2247, 0; not above the best of the others
        assertScores(new ScoreFusion(weights(1, 0, 0, 0, 0)).fuse(turns, 1), -1, 1, 1);
    }

    @Test
    void guessesNoMeaningWhereNobodyHasAVector() {
        TurnFeatures turns = threeTurns();
        set(turns.bm25Own, 0, 2, 1);
        assertScores(new ScoreFusion(weights(1, 0, 0, 0, 0)).fuse(turns, 1), 0, 0, 0);
    }

    @Test
    void raisesWhatAnswersAQuestionByTheQuestionsScore() {
        TurnFeatures turns = threeTurns();
        set(turns.added, 4, 1, 1);
        turns.questions[0] = true;
        FusionWeights half = new FusionWeights(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.5, 0, 0);
        assertScores(new ScoreFusion(half).fuse(turns, 1), 4, 1 + 2, 1);
        set(turns.added, -4, 1, 1);
        assertScores(new ScoreFusion(half).fuse(turns, 1), -4, 1, 1);
        turns.questions[0] = false;
        set(turns.added, 4, 1, 1);
        assertScores(new ScoreFusion(half).fuse(turns, 1), 4, 1, 1);
    }

    @Test
    void addsTheMeanOfTheSessionsThreeBestTurns() {
        TurnFeatures turns = new TurnFeatures(6);
        for (int slot = 0; slot < 6; slot++) {
            turns.searched[slot] = true;
            turns.session[slot] = slot < 5 ? 0 : 1;
        }
        set(turns.added, 1, 9, 2, 8, 4, 3);
        float[] fused = new ScoreFusion(weights(0, 0, 0, 0, 1)).fuse(turns, 2);
        // Session means 7 and 3 over 5 and 1 turns: mean 6.3333, deviation 1.4907.
        double many = (7 - 6.3333) / 1.4907;
        double one = (3 - 6.3333) / 1.4907;
        assertScores(fused, 1 + many, 9 + many, 2 + many, 8 + many, 4 + many, 3 + one);
    }

    @Test
    void leavesOutWhatIsNotSearched() {
        TurnFeatures turns = threeTurns();
        turns.searched[1] = false;
        set(turns.dense, 0.2f, 5f, 0.6f);
        float[] fused = new ScoreFusion(weights(1, 0, 0, 0, 0)).fuse(turns, 1);
        assertScores(fused, -1, Double.NaN, 1);
    }

    @Test
    void mapsToTheUnitRangeInOrder() {
        double last = -1;
        for (double fused = -200; fused <= 200; fused += 0.5) {
            double score = ScoreFusion.toUnitRange(fused);
            assertThat(score).isBetween(0.0, 1.0).isGreaterThan(last);
            last = score;
        }
        assertThat(ScoreFusion.toUnitRange(4)).isEqualTo(0.5);
    }

    private static void set(float[] target, float... values) {
        System.arraycopy(values, 0, target, 0, values.length);
    }

    private static void assertScores(float[] actual, double... expected) {
        assertThat(actual).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            if (Double.isNaN(expected[i])) {
                assertThat(actual[i]).isNaN();
            } else {
                assertThat((double) actual[i]).as("slot " + i).isCloseTo(expected[i], within(1e-3));
            }
        }
    }
}
