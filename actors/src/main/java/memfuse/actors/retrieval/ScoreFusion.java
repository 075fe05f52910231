package memfuse.actors.retrieval;

/**
 * Adds up the signs of {@link TurnFeatures} to one score a turn.
 *
 * <p>Each sign is brought to mean 0 and deviation 1 over the turns that are searched, so that the weights mean the same
 * for every query; a turn that lacks a sign (no neighbour) counts as average. Only a turn whose vector is not there yet
 * is taken for as near in meaning as it is in words, so that what was just written does not fall behind what was embedded
 * long ago. Then comes the session's own score, which is made of the sums of its best turns. Last, what answers a question
 * takes part in the question's score: its own words may say little of what was asked.
 */
final class ScoreFusion {
    private static final int BEST_OF_SESSION = 3;

    /** A fused score of this much maps to 0.5; typical of a good match among hundreds of turns. */
    private static final double MIDDLE = 4;

    private static final double SPREAD = 4;

    private final FusionWeights weights;

    ScoreFusion(FusionWeights weights) {
        this.weights = weights;
    }

    /** The fused scores by slot; NaN where a slot is not searched. */
    float[] fuse(TurnFeatures turns, int sessions) {
        float[] fused = new float[turns.slots];
        float[] dense = standardised(turns.dense, turns);
        guessMissing(dense, turns);
        addDense(fused, dense, turns);
        addStandardised(fused, turns.bm25Own, weights.bm25Own(), turns);
        addStandardised(fused, turns.bm25Previous, weights.bm25Previous(), turns);
        addStandardised(fused, turns.bm25Both, weights.bm25Both(), turns);
        addStandardised(fused, turns.logLength, weights.logLength(), turns);
        for (int slot = 0; slot < turns.slots; slot++) {
            fused[slot] = turns.searched[slot] ? fused[slot] + turns.added[slot] : Float.NaN;
        }
        addSessions(fused, turns, sessions);
        return withAnswers(fused, turns);
    }

    /** A score of 0 to 1 that rises with the fused one. */
    static double toUnitRange(double fused) {
        double x = (fused - MIDDLE) / SPREAD;
        return (1 + x / (1 + Math.abs(x))) / 2;
    }

    /** By words, where others have vectors and a turn has none; a guess is never above the best of the others. */
    private static void guessMissing(float[] dense, TurnFeatures turns) {
        float best = 0;
        boolean missing = false;
        for (int slot = 0; slot < turns.slots; slot++) {
            best = Math.max(best, dense[slot]);
            missing |= turns.searched[slot] && Float.isNaN(turns.dense[slot]);
        }
        if (!missing || best == 0) {
            return;
        }
        float[] words = standardised(turns.bm25Own, turns);
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot] && Float.isNaN(turns.dense[slot])) {
                dense[slot] = Math.min(words[slot], best);
            }
        }
    }

    private void addDense(float[] fused, float[] dense, TurnFeatures turns) {
        float own = (float) weights.dense();
        float before = (float) weights.densePrevious();
        float after = (float) weights.denseNext();
        for (int slot = 0; slot < turns.slots; slot++) {
            int previous = turns.previous[slot];
            int next = turns.next[slot];
            fused[slot] += own * dense[slot]
                    + (previous < 0 ? 0 : before * dense[previous])
                    + (next < 0 ? 0 : after * dense[next]);
        }
    }

    private float[] withAnswers(float[] fused, TurnFeatures turns) {
        float[] raised = fused.clone();
        for (int slot = 0; slot < turns.slots; slot++) {
            int previous = turns.previous[slot];
            if (previous >= 0 && turns.questions[previous] && fused[previous] > 0) {
                raised[slot] += (float) weights.answer() * fused[previous];
            }
        }
        return raised;
    }

    private void addSessions(float[] fused, TurnFeatures turns, int sessions) {
        float[] best = new float[sessions * BEST_OF_SESSION];
        int[] found = new int[sessions];
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot] && turns.session[slot] >= 0) {
                int session = turns.session[slot];
                insert(best, session * BEST_OF_SESSION, found[session], fused[slot]);
                found[session] = Math.min(BEST_OF_SESSION, found[session] + 1);
            }
        }
        float[] means = new float[turns.slots];
        for (int slot = 0; slot < turns.slots; slot++) {
            int session = turns.session[slot];
            means[slot] = session < 0 ? Float.NaN : mean(best, session * BEST_OF_SESSION, found[session]);
        }
        addStandardised(fused, means, weights.session(), turns);
    }

    /** Keeps the largest of what came, in descending order from {@code first}; {@code found} are there already. */
    private static void insert(float[] best, int first, int found, float score) {
        int place = found;
        while (place > 0 && best[first + place - 1] < score) {
            if (place < BEST_OF_SESSION) {
                best[first + place] = best[first + place - 1];
            }
            place--;
        }
        if (place < BEST_OF_SESSION) {
            best[first + place] = score;
        }
    }

    private static float mean(float[] values, int first, int count) {
        float sum = 0;
        for (int i = first; i < first + count; i++) {
            sum += values[i];
        }
        return count == 0 ? Float.NaN : sum / count;
    }

    private static void addStandardised(float[] fused, float[] values, double weight, TurnFeatures turns) {
        if (weight == 0) {
            return;
        }
        Distribution of = Distribution.of(values, turns);
        float factor = (float) (weight * of.scale);
        float mean = (float) of.mean;
        for (int slot = 0; slot < turns.slots; slot++) {
            float value = values[slot];
            if (!Float.isNaN(value)) {
                fused[slot] += factor * (value - mean);
            }
        }
    }

    private static float[] standardised(float[] values, TurnFeatures turns) {
        Distribution of = Distribution.of(values, turns);
        float[] standardised = new float[turns.slots];
        for (int slot = 0; slot < turns.slots; slot++) {
            float value = values[slot];
            standardised[slot] =
                    !Float.isNaN(value) && turns.searched[slot] ? (float) ((value - of.mean) * of.scale) : 0;
        }
        return standardised;
    }

    /**
     * Mean and one over the deviation of the values that are numbers.
     *
     * @param scale 0 where all are alike
     */
    private record Distribution(double mean, double scale) {
        static Distribution of(float[] values, TurnFeatures turns) {
            double sum = 0;
            double squares = 0;
            int count = 0;
            for (int slot = 0; slot < turns.slots; slot++) {
                float value = values[slot];
                if (turns.searched[slot] && !Float.isNaN(value)) {
                    sum += value;
                    squares += (double) value * value;
                    count++;
                }
            }
            if (count == 0) {
                return new Distribution(0, 0);
            }
            double mean = sum / count;
            double variance = squares / count - mean * mean;
            return new Distribution(mean, variance > 1e-9 ? 1 / Math.sqrt(variance) : 0);
        }
    }
}
