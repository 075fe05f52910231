package memfuse.bench.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One measured number.
 *
 * @param unit as it is printed behind the number; empty for a ratio or a count
 * @param target null where the number is only stated
 */
public record Figure(
        String name, double value, String unit, @Nullable Target target) {
    /** With three digits that count, as few places as will do. */
    public static String number(double value) {
        double size = Math.abs(value);
        int places = size == Math.rint(size) || size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%,." + places + "f", value);
    }

    /** False only where a target is missed. */
    public boolean isGood() {
        return target == null || target.isReachedBy(value);
    }

    String valueWithUnit() {
        return unit.isEmpty() ? number(value) : number(value) + " " + unit;
    }

    String targetText() {
        return target == null ? "" : target + (isGood() ? "" : " (missed)");
    }
}
