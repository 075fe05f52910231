package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A query as words.
 *
 * @param terms its distinct terms, at most {@link #MAX_TERMS}
 * @param complete whether these are all of them
 * @param hash the hash of the whole text
 */
record QueryWords(List<Term> terms, boolean complete, TextHash hash) {
    /** More distinct terms than this are not looked up, so that a huge query costs no more than a long one. */
    static final int MAX_TERMS = 256;

    /** What a word counts that questions are made of, and a speaker's name, which is rarely said by the speaker. */
    private static final float COMMON_WEIGHT = 0.25f;

    private static final Set<String> COMMON_TERMS =
            TextAnalysis.of("""
                    what when where which who whom whose why how did do does has have had would could should can may might
                    were was am been being i you he she his her hi my your we our from about after before during than so
                    """).counts().keySet();

    /**
     * A term of the query.
     *
     * @param weight what it counts, at most 1
     */
    record Term(String text, float weight) {}

    static QueryWords of(String query, Speakers speakers) {
        TextAnalysis analysis = TextAnalysis.of(query, MAX_TERMS);
        List<Term> terms = new ArrayList<>();
        for (String term : analysis.counts().keySet()) {
            boolean common = COMMON_TERMS.contains(term) || speakers.isPartOfName(term);
            terms.add(new Term(term, common ? COMMON_WEIGHT : 1));
        }
        return new QueryWords(terms, terms.size() < MAX_TERMS, TextHash.of(query));
    }
}
