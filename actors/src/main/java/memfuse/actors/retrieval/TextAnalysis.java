package memfuse.actors.retrieval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/**
 * A text's terms: words without case, endings and stop words, as English has them; words of other scripts pass through,
 * and Chinese characters are terms one by one.
 *
 * @param counts how often each distinct term occurs, in the order of their first occurrence
 * @param length all occurrences
 */
record TextAnalysis(Map<String, Integer> counts, int length) {
    /** Thread-safe: it keeps its state once per thread and reuses it. */
    private static final Analyzer ANALYZER = new EnglishAnalyzer();

    static TextAnalysis of(String text) {
        return of(text, Integer.MAX_VALUE);
    }

    /** The first {@code maxDistinct} distinct terms of a text. */
    static TextAnalysis of(String text, int maxDistinct) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        int length = 0;
        try (TokenStream tokens = ANALYZER.tokenStream("", text)) {
            CharTermAttribute term = tokens.getAttribute(CharTermAttribute.class);
            tokens.reset();
            while (counts.size() < maxDistinct && tokens.incrementToken()) {
                counts.merge(term.toString(), 1, Integer::sum);
                length++;
            }
            if (counts.size() < maxDistinct) {
                tokens.end();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a string cannot fail to be read
        }
        return new TextAnalysis(counts, length);
    }
}
