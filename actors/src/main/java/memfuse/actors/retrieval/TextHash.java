package memfuse.actors.retrieval;

/**
 * A hash of a text's characters without case, white space and punctuation, so that the same words hash alike.
 *
 * <p>A polynomial, so that the hash of a message follows from those of its pieces.
 *
 * @param value the polynomial
 * @param power the base to the power of the number of characters
 */
record TextHash(long value, long power) {
    private static final long BASE = 0x9E3779B97F4A7C15L;

    private static final int PUNCTUATION = 1 << Character.CONNECTOR_PUNCTUATION
            | 1 << Character.DASH_PUNCTUATION
            | 1 << Character.START_PUNCTUATION
            | 1 << Character.END_PUNCTUATION
            | 1 << Character.INITIAL_QUOTE_PUNCTUATION
            | 1 << Character.FINAL_QUOTE_PUNCTUATION
            | 1 << Character.OTHER_PUNCTUATION;

    static TextHash of(String text) {
        long value = 0;
        long power = 1;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (!Character.isWhitespace(c) && (PUNCTUATION >> Character.getType(c) & 1) == 0) {
                value = value * BASE + Character.toLowerCase(c) + 1;
                power *= BASE;
            }
        }
        return new TextHash(value, power);
    }

    /** The hash of this text and the next one put together. */
    TextHash then(TextHash next) {
        return new TextHash(value * next.power + next.value, power * next.power);
    }
}
