package memfuse.actors.retrieval;

import java.util.Arrays;

/**
 * BM25 over turns and over windows of turns, computed from the postings of single turns.
 *
 * <p>A window is a turn with the one before it, or with both neighbours. A term occurs in a window as often as in its
 * turns together; the number of windows with the term, and the windows' lengths, follow from that. So nothing has to be
 * kept up to date when a turn is added between others, changed or removed.
 */
final class Bm25 {
    private static final float K1 = 1.2f;
    private static final float B = 0.75f;

    private final TurnFeatures turns;
    private final int[] lengths;
    private final int count;
    private final Window own;
    private final Window withPrevious;
    private final Window withBoth;

    /**
     * @param lengths terms of each turn, by slot
     */
    Bm25(TurnFeatures turns, int[] lengths) {
        this.turns = turns;
        this.lengths = lengths;
        int searched = 0;
        for (int slot = 0; slot < turns.slots; slot++) {
            searched += turns.searched[slot] ? 1 : 0;
        }
        count = searched;
        own = new Window(turns.bm25Own, false, false);
        withPrevious = new Window(turns.bm25Previous, true, false);
        withBoth = new Window(turns.bm25Both, true, true);
    }

    /** Adds what one term of the query contributes to every turn and window. */
    void add(Postings postings, float weight) {
        for (int i = 0; i < postings.size(); i++) {
            int slot = postings.slot(i);
            if (turns.searched[slot]) {
                int occurrences = postings.occurrences(i);
                int previous = turns.previous[slot];
                int next = turns.next[slot];
                own.occur(slot, occurrences);
                withPrevious.occur(slot, occurrences);
                withBoth.occur(slot, occurrences);
                if (previous >= 0) {
                    withBoth.occur(previous, occurrences);
                }
                if (next >= 0) {
                    withPrevious.occur(next, occurrences);
                    withBoth.occur(next, occurrences);
                }
            }
        }
        own.score(weight);
        withPrevious.score(weight);
        withBoth.score(weight);
    }

    /** One kind of window, named by the slot of its turn. */
    private final class Window {
        private final float[] scores;
        private final float[] lengthPart;
        private final int[] occurrences;
        private int[] touched = new int[64];
        private int touchedCount;

        Window(float[] scores, boolean previous, boolean next) {
            this.scores = scores;
            occurrences = new int[turns.slots];
            lengthPart = new float[turns.slots];
            long total = 0;
            for (int slot = 0; slot < turns.slots; slot++) {
                if (turns.searched[slot]) {
                    int length = lengths[slot]
                            + (previous && turns.previous[slot] >= 0 ? lengths[turns.previous[slot]] : 0)
                            + (next && turns.next[slot] >= 0 ? lengths[turns.next[slot]] : 0);
                    lengthPart[slot] = length;
                    total += length;
                }
            }
            float perLength = total == 0 ? 0 : K1 * B * count / total;
            for (int slot = 0; slot < turns.slots; slot++) {
                lengthPart[slot] = K1 * (1 - B) + perLength * lengthPart[slot];
            }
        }

        void occur(int slot, int times) {
            if (occurrences[slot] == 0) {
                if (touchedCount == touched.length) {
                    touched = Arrays.copyOf(touched, 2 * touchedCount);
                }
                touched[touchedCount++] = slot;
            }
            occurrences[slot] += times;
        }

        /** Turns the occurrences of one term into scores and forgets them. */
        void score(float weight) {
            float idf = (float) Math.log(1 + (count - touchedCount + 0.5) / (touchedCount + 0.5));
            float factor = weight * idf * (K1 + 1);
            for (int i = 0; i < touchedCount; i++) {
                int slot = touched[i];
                float times = occurrences[slot];
                scores[slot] += factor * times / (times + lengthPart[slot]);
                occurrences[slot] = 0;
            }
            touchedCount = 0;
        }
    }
}
