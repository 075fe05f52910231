package memfuse.actors.retrieval;

/** What sessions score by the mean of their best turns, in view of one query. */
final class SessionScores {
    private static final int BEST_OF_SESSION = 3;

    /** The best turns of each session, in descending order. */
    private final float[] best;

    private final int[] turns;

    SessionScores(int sessions) {
        best = new float[sessions * BEST_OF_SESSION];
        turns = new int[sessions];
    }

    /** @param session its number; a turn of none, −1, does not count */
    void add(int session, float score) {
        if (session < 0) {
            return;
        }
        int first = session * BEST_OF_SESSION;
        int found = Math.min(BEST_OF_SESSION, turns[session]++);
        if (found == BEST_OF_SESSION && score <= best[first + BEST_OF_SESSION - 1]) {
            return;
        }
        int place = Math.min(found, BEST_OF_SESSION - 1);
        while (place > 0 && best[first + place - 1] < score) {
            best[first + place] = best[first + place - 1];
            place--;
        }
        best[first + place] = score;
    }

    /** What the turns of each session get: the session's mean in deviations over all turns, times the weight. */
    float[] standardised(double weight) {
        float[] scores = new float[turns.length];
        Moments moments = new Moments();
        for (int session = 0; session < scores.length; session++) {
            scores[session] = mean(session);
            moments.add(scores[session], turns[session]);
        }
        float factor = (float) (weight * moments.scale());
        float mean = (float) moments.mean();
        for (int session = 0; session < scores.length; session++) {
            scores[session] = turns[session] == 0 ? 0 : factor * (scores[session] - mean);
        }
        return scores;
    }

    private float mean(int session) {
        int count = Math.min(BEST_OF_SESSION, turns[session]);
        float sum = 0;
        for (int i = 0; i < count; i++) {
            sum += best[session * BEST_OF_SESSION + i];
        }
        return count == 0 ? Float.NaN : sum / count;
    }
}
