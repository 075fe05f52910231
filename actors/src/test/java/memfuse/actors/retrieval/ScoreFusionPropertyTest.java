package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fusion sign by sign, as its comment tells it, beside the fusion that reads all signs together. */
class ScoreFusionPropertyTest {
    private static final int SESSIONS = 7;
    private static final List<SearchRequest.Mode> MODES = List.of(SearchRequest.Mode.values());

    private final Random random = seeded();

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("ScoreFusionPropertyTest seed " + seed);
        return new Random(seed);
    }

    @Test
    void equalsFusionSignBySign() {
        for (int round = 0; round < 200; round++) {
            TurnFeatures turns = randomTurns();
            FusionWeights weights = FusionWeights.DEFAULTS.in(MODES.get(random.nextInt(MODES.size())));
            float[] actual = new ScoreFusion(weights).fuse(turns, SESSIONS);
            double[] expected = signBySign(turns, weights);
            for (int slot = 0; slot < turns.slots; slot++) {
                if (turns.searched[slot]) {
                    assertThat((double) actual[slot]).as("slot " + slot).isCloseTo(expected[slot], within(1e-3));
                } else {
                    assertThat(actual[slot]).as("slot " + slot).isNaN();
                }
            }
        }
    }

    /** Sessions of turns one after the other; some are not searched, some turns stand by themselves or lack a vector. */
    private TurnFeatures randomTurns() {
        TurnFeatures turns = new TurnFeatures(SESSIONS * (1 + random.nextInt(30)));
        boolean[] left = new boolean[SESSIONS];
        for (int session = 0; session < SESSIONS; session++) {
            left[session] = random.nextInt(5) == 0;
        }
        for (int slot = 0; slot < turns.slots; slot++) {
            int session = slot * SESSIONS / turns.slots;
            turns.searched[slot] = !left[session];
            turns.session[slot] = session == 3 ? -1 : session;
            boolean linked = slot > 0 && session != 3 && session == (slot - 1) * SESSIONS / turns.slots;
            turns.previous[slot] = linked ? slot - 1 : -1;
            if (linked) {
                turns.next[slot - 1] = slot;
            }
            turns.dense[slot] = random.nextInt(6) == 0 ? Float.NaN : (float) random.nextGaussian();
            turns.bm25Own[slot] = Math.max(0, random.nextInt(9) - 5);
            turns.bm25Previous[slot] = Math.max(0, random.nextInt(9) - 3);
            turns.bm25Both[slot] = random.nextFloat();
            turns.logLength[slot] = random.nextFloat();
            turns.questions[slot] = random.nextInt(4) == 0;
            turns.added[slot] = random.nextInt(3) - 1;
        }
        return turns;
    }

    private static double[] signBySign(TurnFeatures turns, FusionWeights weights) {
        double[] dense = standardised(turns.dense, turns);
        double[] own = standardised(turns.bm25Own, turns);
        double[] previous = standardised(turns.bm25Previous, turns);
        double[] both = standardised(turns.bm25Both, turns);
        double[] length = standardised(turns.logLength, turns);
        double best = Arrays.stream(dense).filter(z -> !Double.isNaN(z)).max().orElse(0);
        for (int slot = 0; slot < turns.slots; slot++) {
            if (Double.isNaN(dense[slot])) {
                dense[slot] = turns.searched[slot] && best > 0 ? Math.min(own[slot], best) : 0;
            }
        }
        double[] sums = new double[turns.slots];
        for (int slot = 0; slot < turns.slots; slot++) {
            sums[slot] = weights.dense() * dense[slot]
                    + weights.densePrevious() * at(dense, turns.previous[slot])
                    + weights.denseNext() * at(dense, turns.next[slot])
                    + weights.bm25Own() * own[slot]
                    + weights.bm25Previous() * previous[slot]
                    + weights.bm25Both() * both[slot]
                    + weights.logLength() * length[slot]
                    + turns.added[slot];
        }
        addSessions(sums, turns, weights);
        double[] raised = sums.clone();
        for (int slot = 0; slot < turns.slots; slot++) {
            int before = turns.previous[slot];
            if (before >= 0 && turns.questions[before]) {
                raised[slot] += weights.answer() * Math.max(0, sums[before]);
            }
        }
        return raised;
    }

    private static void addSessions(double[] sums, TurnFeatures turns, FusionWeights weights) {
        float[] ofSession = new float[turns.slots];
        Arrays.fill(ofSession, Float.NaN);
        for (int session = 0; session < SESSIONS; session++) {
            List<Double> scores = new ArrayList<>();
            for (int slot = 0; slot < turns.slots; slot++) {
                if (turns.searched[slot] && turns.session[slot] == session) {
                    scores.add(-sums[slot]);
                }
            }
            double mean = -scores.stream()
                    .sorted()
                    .limit(3)
                    .mapToDouble(score -> score)
                    .average()
                    .orElse(0);
            for (int slot = 0; slot < turns.slots; slot++) {
                if (turns.session[slot] == session) {
                    ofSession[slot] = (float) mean;
                }
            }
        }
        double[] standard = standardised(ofSession, turns);
        for (int slot = 0; slot < turns.slots; slot++) {
            sums[slot] += Double.isNaN(standard[slot]) ? 0 : weights.session() * standard[slot];
        }
    }

    /** Over what is searched and a number: mean 0 and deviation 1. */
    private static double[] standardised(float[] values, TurnFeatures turns) {
        List<Double> counted = new ArrayList<>();
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot] && !Float.isNaN(values[slot])) {
                counted.add((double) values[slot]);
            }
        }
        double mean = counted.stream().mapToDouble(x -> x).average().orElse(0);
        double variance = counted.stream()
                .mapToDouble(x -> (x - mean) * (x - mean))
                .average()
                .orElse(0);
        double[] standardised = new double[turns.slots];
        for (int slot = 0; slot < turns.slots; slot++) {
            boolean counts = turns.searched[slot] && variance > 1e-9;
            standardised[slot] =
                    Float.isNaN(values[slot]) ? Double.NaN : counts ? (values[slot] - mean) / Math.sqrt(variance) : 0;
        }
        return standardised;
    }

    private static double at(double[] values, int slot) {
        return slot < 0 ? 0 : values[slot];
    }
}
