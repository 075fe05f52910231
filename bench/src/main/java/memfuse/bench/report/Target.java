package memfuse.bench.report;

import java.util.Locale;

/** What a figure has to reach. */
public record Target(Comparison comparison, double limit) {
    /** On which side of the limit it is good. */
    public enum Comparison {
        AT_LEAST("≥"),
        AT_MOST("≤"),
        BELOW("<");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }
    }

    public static Target atLeast(double limit) {
        return new Target(Comparison.AT_LEAST, limit);
    }

    public static Target atMost(double limit) {
        return new Target(Comparison.AT_MOST, limit);
    }

    public static Target below(double limit) {
        return new Target(Comparison.BELOW, limit);
    }

    public boolean isReachedBy(double value) {
        return switch (comparison) {
            case AT_LEAST -> value >= limit;
            case AT_MOST -> value <= limit;
            case BELOW -> value < limit;
        };
    }

    @Override
    public String toString() {
        String number = limit == Math.rint(limit)
                ? String.format(Locale.ROOT, "%.0f", limit)
                : String.format(Locale.ROOT, "%s", limit);
        return comparison.sign + " " + number;
    }
}
