package memfuse.actors.retrieval;

/**
 * Adds up the signs of {@link TurnFeatures} to one score a turn.
 *
 * <p>Each sign is brought to mean 0 and deviation 1 over the turns that are searched, so that the weights mean the same
 * for every query; a turn that lacks a sign (no neighbour) counts as average. Only a turn whose vector is not there yet
 * is taken for as near in meaning as it is in words, so that what was just written does not fall behind what was embedded
 * long ago. Then comes the session's own score, which is made of the sums of its best turns. Last, what answers a question
 * takes part in the question's score: its own words may say little of what was asked.
 *
 * <p>A large user has more turns than a processor's caches hold, so all signs are read together, and seldom.
 */
final class ScoreFusion {
    /** A fused score of this much maps to 0.5; typical of a good match among hundreds of turns. */
    private static final double MIDDLE = 4;

    private static final double SPREAD = 4;

    private final FusionWeights weights;
    private final float dense;
    private final float densePrevious;
    private final float denseNext;

    ScoreFusion(FusionWeights weights) {
        this.weights = weights;
        dense = (float) weights.dense();
        densePrevious = (float) weights.densePrevious();
        denseNext = (float) weights.denseNext();
    }

    /** The fused scores by slot; NaN where a slot is not searched. */
    float[] fuse(TurnFeatures turns, int sessions) {
        Moments meaning = new Moments();
        Moments own = new Moments();
        Moments previous = new Moments();
        Moments both = new Moments();
        Moments length = new Moments();
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot]) {
                meaning.add(turns.dense[slot]);
                own.add(turns.bm25Own[slot]);
                previous.add(turns.bm25Previous[slot]);
                both.add(turns.bm25Both[slot]);
                length.add(turns.logLength[slot]);
            }
        }
        float[] standard = standardMeaning(turns, meaning, own);
        float[] sums = new float[turns.slots];
        SessionScores ofSessions = new SessionScores(sessions);
        Sign ownSign = new Sign(weights.bm25Own(), own);
        Sign previousSign = new Sign(weights.bm25Previous(), previous);
        Sign bothSign = new Sign(weights.bm25Both(), both);
        Sign lengthSign = new Sign(weights.logLength(), length);
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot]) {
                float sum = withNeighbours(standard, slot, turns)
                        + ownSign.of(turns.bm25Own[slot])
                        + previousSign.of(turns.bm25Previous[slot])
                        + bothSign.of(turns.bm25Both[slot])
                        + lengthSign.of(turns.logLength[slot])
                        + turns.added[slot];
                sums[slot] = sum;
                ofSessions.add(turns.session[slot], sum);
            } else {
                sums[slot] = Float.NaN;
            }
        }
        float[] fused = standard; // which is read no more: another array of this size would cost as much as a pass
        raise(fused, sums, ofSessions.standardised(weights.session()), turns);
        return fused;
    }

    /** A score of 0 to 1 that rises with the fused one. */
    static double toUnitRange(double fused) {
        double x = (fused - MIDDLE) / SPREAD;
        return (1 + x / (1 + Math.abs(x))) / 2;
    }

    /** A sign's part in the sum: its weight for each deviation from the mean. */
    private record Sign(float factor, float mean) {
        Sign(double weight, Moments moments) {
            this((float) (weight * moments.scale()), (float) moments.mean());
        }

        float of(float value) {
            return factor * (value - mean);
        }
    }

    /** The cosines in deviations from their mean; 0 of what is not searched. */
    private static float[] standardMeaning(TurnFeatures turns, Moments meaning, Moments words) {
        float[] standard = new float[turns.slots];
        double mean = meaning.mean();
        double scale = meaning.scale();
        float best = 0;
        boolean missing = false;
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot]) {
                float cosine = turns.dense[slot];
                if (Float.isNaN(cosine)) {
                    missing = true;
                } else {
                    standard[slot] = (float) ((cosine - mean) * scale);
                    best = Math.max(best, standard[slot]);
                }
            }
        }
        if (missing && best > 0) {
            guessMissing(standard, best, turns, words);
        }
        return standard;
    }

    /** By words, where others have vectors and a turn has none; a guess is never above the best of the others. */
    private static void guessMissing(float[] standard, float best, TurnFeatures turns, Moments words) {
        double mean = words.mean();
        double scale = words.scale();
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot] && Float.isNaN(turns.dense[slot])) {
                standard[slot] = Math.min((float) ((turns.bm25Own[slot] - mean) * scale), best);
            }
        }
    }

    /** A turn's meaning with that of its neighbours. */
    private float withNeighbours(float[] meaning, int slot, TurnFeatures turns) {
        int previous = turns.previous[slot];
        int next = turns.next[slot];
        return dense * meaning[slot]
                + (previous < 0 ? 0 : densePrevious * meaning[previous])
                + (next < 0 ? 0 : denseNext * meaning[next]);
    }

    /** Adds to the sums what sessions score and what answers get of their questions, and puts them into {@code raised}. */
    private void raise(float[] raised, float[] sums, float[] ofSessions, TurnFeatures turns) {
        float answer = (float) weights.answer();
        for (int slot = 0; slot < turns.slots; slot++) {
            float score = sums[slot] + at(ofSessions, turns.session[slot]);
            int previous = turns.previous[slot];
            if (previous >= 0 && turns.questions[previous]) {
                float question = sums[previous] + at(ofSessions, turns.session[previous]);
                score += question > 0 ? answer * question : 0;
            }
            raised[slot] = score;
        }
    }

    private static float at(float[] ofSessions, int session) {
        return session < 0 ? 0 : ofSessions[session];
    }
}
