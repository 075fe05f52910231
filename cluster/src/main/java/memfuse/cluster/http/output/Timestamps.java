package memfuse.cluster.http.output;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/** Writes times of the years 0 to 9999 in the one format of the API: {@code 2026-01-31T23:59:59.123456Z}. */
final class Timestamps {
    private static final int LENGTH = "2026-01-31T23:59:59.123456Z".length();
    private static final int NANOS_PER_MICRO = 1000;

    private Timestamps() {}

    static String text(Instant time) {
        LocalDateTime utc = LocalDateTime.ofEpochSecond(time.getEpochSecond(), time.getNano(), ZoneOffset.UTC);
        char[] text = new char[LENGTH];
        int at = digits(text, 0, utc.getYear(), 4, '-');
        at = digits(text, at, utc.getMonthValue(), 2, '-');
        at = digits(text, at, utc.getDayOfMonth(), 2, 'T');
        at = digits(text, at, utc.getHour(), 2, ':');
        at = digits(text, at, utc.getMinute(), 2, ':');
        at = digits(text, at, utc.getSecond(), 2, '.');
        digits(text, at, utc.getNano() / NANOS_PER_MICRO, 6, 'Z');
        return new String(text);
    }

    private static int digits(char[] text, int from, int number, int count, char after) {
        int rest = number;
        for (int i = from + count - 1; i >= from; i--) {
            text[i] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        text[from + count] = after;
        return from + count + 1;
    }
}
