package memfuse.actors.embedding;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a message into retrieval units of at most {@code maxTokens} tokens each.
 *
 * <p>A text that fits is one unit. A longer one is cut greedily into <i>atoms</i> (words with the white space before
 * them, in slices where they are very long); a unit ends after the last paragraph of what fits, or else the last
 * sentence, or else the last word, where the first two must leave it at least half full. The units put together are the
 * text, character by character. The same text gives the same units; the time is linear in its length.
 */
public final class Chunker {
    /** A word longer than this is cut, so that no atom can be larger than a unit. Chars; at most 3 tokens each. */
    private static final int MAX_ATOM_CHARS = 32;

    /** How far is looked for what surrounds the end of a word; a bound, so that no text makes it slow. */
    private static final int LOOK_AROUND_CHARS = 8;

    /** Ends of sentences in scripts that put no space after them. */
    private static final String UNSPACED_SENTENCE_ENDS = "。！？";

    private static final int MIN_MAX_TOKENS = 3 * MAX_ATOM_CHARS;

    private final TokenCounter counter;
    private final int maxTokens;

    public Chunker(TokenCounter counter, int maxTokens) {
        if (maxTokens < MIN_MAX_TOKENS) {
            throw new IllegalArgumentException("maxTokens must be at least " + MIN_MAX_TOKENS + ": " + maxTokens);
        }
        this.counter = counter;
        this.maxTokens = maxTokens;
    }

    /**
     * A unit of a text.
     *
     * @param tokens tokens of the unit's text
     */
    public record Chunk(String text, int tokens) {}

    /** The units of a text, at least one. */
    public List<Chunk> chunk(String text) {
        return chunk(text, counter.count(text));
    }

    /** The units of a text whose tokens are counted already. */
    public List<Chunk> chunk(String text, int tokens) {
        if (tokens <= maxTokens) {
            return List.of(new Chunk(text, tokens));
        }
        List<Chunk> chunks = new ArrayList<>(2 * tokens / maxTokens + 1);
        int start = 0;
        while (start < text.length()) {
            start = cutOne(text, start, chunks);
        }
        return chunks;
    }

    /** Adds the unit that begins at {@code start} and returns where it ends. */
    private int cutOne(String text, int start, List<Chunk> chunks) {
        int end = start;
        int estimate = 0;
        int sentenceEnd = start;
        int paragraphEnd = start;
        while (end < text.length()) {
            int next = atomEnd(text, end);
            int atomTokens = counter.count(text.substring(end, next));
            if (estimate + atomTokens > maxTokens && end > start) {
                break;
            }
            estimate += atomTokens;
            end = next;
            if (estimate * 2 >= maxTokens) {
                if (endsParagraph(text, end)) {
                    paragraphEnd = end;
                } else if (endsSentence(text, end)) {
                    sentenceEnd = end;
                }
            }
        }
        if (end < text.length()) {
            end = paragraphEnd > start ? paragraphEnd : sentenceEnd > start ? sentenceEnd : end;
        }
        return addExactly(text, start, end, chunks);
    }

    /** The atoms' tokens are an estimate of the whole's; where that is larger after all, atoms go to the next unit. */
    private int addExactly(String text, int start, int end, List<Chunk> chunks) {
        int fittingEnd = end;
        String piece = text.substring(start, fittingEnd);
        int tokens = counter.count(piece);
        while (tokens > maxTokens) {
            fittingEnd = notInsidePair(text, start + (fittingEnd - start) * maxTokens / (tokens + 1));
            piece = text.substring(start, fittingEnd);
            tokens = counter.count(piece);
        }
        chunks.add(new Chunk(piece, tokens));
        return fittingEnd;
    }

    /** The end of the white space from {@code start} and the word after it, at most {@link #MAX_ATOM_CHARS} away. */
    private static int atomEnd(String text, int start) {
        int limit = Math.min(text.length(), start + MAX_ATOM_CHARS);
        int end = start;
        while (end < limit && Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        while (end < limit && !Character.isWhitespace(text.charAt(end))) {
            if (UNSPACED_SENTENCE_ENDS.indexOf(text.charAt(end++)) >= 0) {
                return end;
            }
        }
        return notInsidePair(text, end);
    }

    private static int notInsidePair(String text, int end) {
        boolean inside = end < text.length()
                && Character.isLowSurrogate(text.charAt(end))
                && Character.isHighSurrogate(text.charAt(end - 1));
        return inside ? end - 1 : end;
    }

    private static boolean endsParagraph(String text, int end) {
        int limit = Math.min(text.length(), end + LOOK_AROUND_CHARS);
        int newlines = 0;
        for (int i = end; i < limit && Character.isWhitespace(text.charAt(i)) && newlines < 2; i++) {
            if (text.charAt(i) == '\n') {
                newlines++;
            }
        }
        return newlines == 2;
    }

    private static boolean endsSentence(String text, int end) {
        if (end < text.length() && text.charAt(end) == '\n') {
            return true;
        }
        int last = end - 1;
        int limit = Math.max(0, end - LOOK_AROUND_CHARS);
        while (last > limit && "\"')]}”’»".indexOf(text.charAt(last)) >= 0) {
            last--;
        }
        return ".!?…".indexOf(text.charAt(last)) >= 0 || UNSPACED_SENTENCE_ENDS.indexOf(text.charAt(last)) >= 0;
    }
}
