package memfuse.actors.embedding;

/** Texts as native code and vocabularies accept them. */
final class UnicodeText {
    private UnicodeText() {}

    /** The first {@code maxChars} of a text, with U+FFFD in the place of each half of a surrogate pair. */
    static String wellFormed(String text, int maxChars) {
        int end = Math.min(text.length(), maxChars);
        StringBuilder repaired = null;
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (Character.isHighSurrogate(c) && i + 1 < end && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = new StringBuilder(end).append(text, 0, end);
            }
            repaired.setCharAt(i, '\uFFFD');
        }
        return repaired != null ? repaired.toString() : text.substring(0, end);
    }
}
