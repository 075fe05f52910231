package memfuse.bench.load;

import java.util.Collection;
import org.HdrHistogram.Histogram;

/** What is said about the rounds of a run. */
public final class Statistics {
    private Statistics() {}

    static double median(Collection<Double> values) {
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        if (sorted.length == 0) {
            throw new IllegalArgumentException("no values, no median");
        }
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    static double least(Collection<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    static double most(Collection<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** Below which so many percent of the values are, in ms. */
    public static double millis(Histogram micros, double percentile) {
        return (double) micros.getValueAtPercentile(percentile) / 1000;
    }
}
