package memfuse.actors.retrieval;

/** Mean and deviation of numbers, in one pass over them. What is no number does not count. */
final class Moments {
    /** A variance below this is rounding, and all numbers are alike. */
    private static final double NO_VARIANCE = 1e-9;

    private double sum;
    private double squares;
    private int count;

    void add(float value) {
        if (!Float.isNaN(value)) {
            sum += value;
            squares += (double) value * value;
            count++;
        }
    }

    /** Adds a number that occurs so many times. */
    void add(float value, int times) {
        if (!Float.isNaN(value)) {
            double all = (double) times * value;
            sum += all;
            squares += all * value;
            count += times;
        }
    }

    double mean() {
        return count == 0 ? 0 : sum / count;
    }

    /** One over the deviation; 0 where all are alike. */
    double scale() {
        if (count == 0) {
            return 0;
        }
        double mean = mean();
        double variance = squares / count - mean * mean;
        return variance > NO_VARIANCE ? 1 / Math.sqrt(variance) : 0;
    }
}
