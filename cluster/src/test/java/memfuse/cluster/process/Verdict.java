package memfuse.cluster.process;

/**
 * What a comparison of the sent with the stored found, in messages.
 *
 * @param acknowledged were answered 201
 * @param lost of those, and not there
 * @param duplicated there more than once
 * @param misplaced there, but not where they were sent, under another id, in part of a round, or although refused
 * @param unacknowledged there without an answer, as is allowed
 */
record Verdict(int acknowledged, int lost, int duplicated, int misplaced, int unacknowledged) {
    static final Verdict NOTHING = new Verdict(0, 0, 0, 0, 0);

    Verdict plus(Verdict other) {
        return new Verdict(
                acknowledged + other.acknowledged,
                lost + other.lost,
                duplicated + other.duplicated,
                misplaced + other.misplaced,
                unacknowledged + other.unacknowledged);
    }

    boolean isFaultless() {
        return lost == 0 && duplicated == 0 && misplaced == 0;
    }
}
