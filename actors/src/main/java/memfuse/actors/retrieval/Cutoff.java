package memfuse.actors.retrieval;

/**
 * How high a value has to be to belong to about so many of the highest: found by counting values in even steps, without
 * putting them in order.
 *
 * @param perValue steps to a value of 1
 * @param lowest the first step that is high enough
 */
record Cutoff(float perValue, int lowest) {
    /** Steps from 0 to the highest value, of which some hundred turns fall into one. */
    private static final int STEPS = 2_000;

    private static final Cutoff ABOVE_ALL = new Cutoff(0, 1);

    /** Of the values above 0, those from some step on: so many or somewhat more, or all where there are fewer. */
    static Cutoff of(float[] values, int atLeast) {
        float highest = 0;
        for (float value : values) {
            highest = value > highest ? value : highest;
        }
        if (highest == 0) {
            return ABOVE_ALL;
        }
        float perValue = (STEPS - 1) / highest;
        int[] valuesAt = new int[STEPS];
        for (float value : values) {
            valuesAt[Math.max(0, (int) (value * perValue))]++; // what is not above 0 is counted, but not reached
        }
        int lowest = STEPS - 1;
        for (int above = valuesAt[lowest]; lowest > 0 && above < atLeast; above += valuesAt[lowest]) {
            lowest--;
        }
        return new Cutoff(perValue, lowest);
    }

    /** Whether a value is high enough; what is no number is not. */
    boolean isReachedBy(float value) {
        return value * perValue >= lowest && value > 0;
    }
}
