package memfuse.cluster.http.input;

import memfuse.protocol.Utf8;

/** What a text must be to be stored and sent as UTF-8. */
public final class Texts {
    private static final char REPLACEMENT = '\uFFFD';

    private Texts() {}

    /** Whether the text has no {@code \u0000}, which PostgreSQL cannot store. */
    static boolean hasNoNull(String text) {
        return text.indexOf('\0') < 0;
    }

    /** Whether every surrogate in the text is half of a pair, so that the text can be written as UTF-8. */
    static boolean isWellFormed(String text) {
        return loneSurrogate(text, 0) < 0;
    }

    /** Whether the database can keep the text. */
    public static boolean isStorable(String text) {
        return hasNoNull(text) && isWellFormed(text);
    }

    static String withoutLoneSurrogates(String text) {
        int at = loneSurrogate(text, 0);
        if (at < 0) {
            return text;
        }
        StringBuilder repaired = new StringBuilder(text);
        for (; at >= 0; at = loneSurrogate(text, at + 1)) {
            repaired.setCharAt(at, REPLACEMENT);
        }
        return repaired.toString();
    }

    private static int loneSurrogate(String text, int from) {
        int at = from;
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            if (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE) {
                return at;
            }
            at += Character.charCount(codePoint);
        }
        return -1;
    }

    /** Bytes of a well-formed text in UTF-8. */
    public static long utf8Bytes(String text) {
        return Utf8.bytes(text);
    }
}
