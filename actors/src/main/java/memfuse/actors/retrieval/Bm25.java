package memfuse.actors.retrieval;

import java.util.Arrays;

/**
 * BM25 over turns and over windows of turns, computed from the postings of single turns.
 *
 * <p>A window is a turn with the one before it, or with both neighbours. A term occurs in a window as often as in its
 * turns together; the number of windows with the term, and the windows' lengths, follow from that. So nothing has to be
 * kept up to date when a turn is added between others, changed or removed.
 *
 * <p>The windows of a turn lie within each other, so all three are scored in one pass over the turns in whose largest
 * window the term occurs. What a smaller one lacks adds nothing to it.
 */
final class Bm25 {
    private static final float K1 = 1.2f;
    private static final float B = 0.75f;

    private final TurnFeatures turns;
    private final int[] lengths;
    private final int count;

    /** What a term of a window's length adds to the divisor, by kind of window. */
    private final float perOwnLength;

    private final float perPreviousLength;
    private final float perBothLength;

    /** How often the term that is being added occurs in each turn. */
    private final int[] occurrences;

    /** The turns in whose largest window that term occurs. */
    private int[] touched = new int[64];

    private int touchedCount;

    /**
     * @param lengths terms of each turn, by slot
     */
    Bm25(TurnFeatures turns, int[] lengths) {
        this.turns = turns;
        this.lengths = lengths;
        occurrences = new int[turns.slots];
        int searched = 0;
        long own = 0;
        long before = 0;
        long after = 0;
        for (int slot = 0; slot < turns.slots; slot++) {
            if (turns.searched[slot]) {
                searched++;
                own += lengths[slot];
                before += at(lengths, turns.previous[slot]);
                after += at(lengths, turns.next[slot]);
            }
        }
        count = searched;
        perOwnLength = perLength(own);
        perPreviousLength = perLength(own + before);
        perBothLength = perLength(own + before + after);
    }

    private float perLength(long total) {
        return total == 0 ? 0 : K1 * B * count / total;
    }

    /** Adds what one term of the query contributes to every turn and window. */
    void add(Postings postings, float weight) {
        int own = occur(postings);
        int withPrevious = touchWindows(postings);
        score(weightOf(own, weight), weightOf(withPrevious, weight), weightOf(touchedCount, weight));
        for (int i = 0; i < postings.size(); i++) {
            occurrences[postings.slot(i)] = 0;
        }
    }

    /** Notes where the term occurs and returns in how many turns. */
    private int occur(Postings postings) {
        int having = 0;
        for (int i = 0; i < postings.size(); i++) {
            int slot = postings.slot(i);
            if (turns.searched[slot]) {
                occurrences[slot] = postings.occurrences(i);
                having++;
            }
        }
        return having;
    }

    /**
     * Lists each turn once that has the term or stands beside one that has it, and returns how many have it themselves or
     * in the turn before.
     */
    private int touchWindows(Postings postings) {
        touchedCount = 0;
        int notBefore = 0;
        for (int i = 0; i < postings.size(); i++) {
            int slot = postings.slot(i);
            if (occurrences[slot] > 0) {
                if (touchedCount + 3 > touched.length) {
                    touched = Arrays.copyOf(touched, 2 * touched.length);
                }
                touched[touchedCount++] = slot;
                int next = turns.next[slot];
                if (next >= 0 && occurrences[next] == 0) {
                    touched[touchedCount++] = next;
                }
                int previous = turns.previous[slot];
                if (previous >= 0 && occurrences[previous] == 0 && at(occurrences, turns.previous[previous]) == 0) {
                    touched[touchedCount++] = previous;
                    notBefore++;
                }
            }
        }
        return touchedCount - notBefore;
    }

    /** What a term counts that occurs in so many windows. */
    private float weightOf(int having, float weight) {
        float idf = (float) Math.log(1 + (count - having + 0.5) / (having + 0.5));
        return weight * idf * (K1 + 1);
    }

    private void score(float own, float withPrevious, float withBoth) {
        for (int i = 0; i < touchedCount; i++) {
            int slot = touched[i];
            int previous = turns.previous[slot];
            int next = turns.next[slot];
            int times = occurrences[slot];
            int length = lengths[slot];
            turns.bm25Own[slot] += part(own, times, perOwnLength * length);
            times += at(occurrences, previous);
            length += at(lengths, previous);
            turns.bm25Previous[slot] += part(withPrevious, times, perPreviousLength * length);
            times += at(occurrences, next);
            length += at(lengths, next);
            turns.bm25Both[slot] += part(withBoth, times, perBothLength * length);
        }
    }

    private static float part(float factor, float times, float lengthPart) {
        return factor * times / (times + (K1 * (1 - B) + lengthPart));
    }

    private static int at(int[] values, int slot) {
        return slot < 0 ? 0 : values[slot];
    }
}
