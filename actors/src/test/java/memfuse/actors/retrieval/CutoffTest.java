package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CutoffTest {
    @Test
    void letsTheHighestPassAndFewMore() {
        long seed = System.nanoTime();
        System.out.println("CutoffTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            float[] values = new float[1 + random.nextInt(5_000)];
            for (int i = 0; i < values.length; i++) {
                values[i] = random.nextInt(10) == 0 ? Float.NaN : (float) random.nextGaussian();
            }
            int atLeast = 1 + random.nextInt(values.length);
            Cutoff cutoff = Cutoff.of(values, atLeast);

            float[] sorted = sortedAboveZero(values);
            int reached = 0;
            for (float value : values) {
                assertThat(cutoff.isReachedBy(value) && !(value > 0)).isFalse();
                reached += cutoff.isReachedBy(value) ? 1 : 0;
            }
            assertThat(reached).isGreaterThanOrEqualTo(Math.min(atLeast, sorted.length));
            for (int i = 0; i < reached; i++) {
                assertThat(cutoff.isReachedBy(sorted[sorted.length - 1 - i])).isTrue();
            }
            if (reached > atLeast) { // only with what falls into the same step as the last one that is needed
                float step = sorted[sorted.length - 1] / 1_999;
                float needed = sorted[sorted.length - atLeast];
                assertThat(sorted[sorted.length - reached]).isGreaterThanOrEqualTo(needed - 1.01f * step);
            }
        }
    }

    private static float[] sortedAboveZero(float[] values) {
        float[] sorted = new float[values.length];
        int count = 0;
        for (float value : values) {
            if (value > 0) {
                sorted[count++] = value;
            }
        }
        sorted = Arrays.copyOf(sorted, count);
        Arrays.sort(sorted);
        return sorted;
    }

    @Test
    void isReachedByNothingWhereNothingIsAboveZero() {
        Cutoff cutoff = Cutoff.of(new float[] {0, -1, Float.NaN}, 2);
        assertThat(cutoff.isReachedBy(0)).isFalse();
        assertThat(cutoff.isReachedBy(-1)).isFalse();
        assertThat(cutoff.isReachedBy(Float.NaN)).isFalse();
    }

    @Test
    void isReachedByAllAboveZeroWhereTheyAreFew() {
        Cutoff cutoff = Cutoff.of(new float[] {0.5f, 1e-9f, 0, -2}, 3);
        assertThat(cutoff.isReachedBy(0.5f)).isTrue();
        assertThat(cutoff.isReachedBy(1e-9f)).isTrue();
        assertThat(cutoff.isReachedBy(0)).isFalse();
        assertThat(cutoff.isReachedBy(-2)).isFalse();
    }
}
