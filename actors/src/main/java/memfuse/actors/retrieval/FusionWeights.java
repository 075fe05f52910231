package memfuse.actors.retrieval;

/**
 * How much each sign counts that a turn answers a query. Those up to {@code session} are factors of z-scores over the
 * turns that are searched; those up to {@code coverage} are added as they are.
 *
 * @param dense cosine of query and turn
 * @param densePrevious cosine of query and the turn before
 * @param denseNext cosine of query and the turn after
 * @param bm25Own words, of the turn alone
 * @param bm25Previous words, of the turn with the one before
 * @param bm25Both words, of the turn with the ones before and after
 * @param logLength the logarithm of the turn's length in tokens
 * @param session the mean of the three best turns of its session
 * @param question added where the turn ends as a question
 * @param speaker added where the query names one speaker alone and the turn is theirs
 * @param coverage added where all words of the query are in the turn, in proportion to how much of the turn they are
 * @param answer what part of the score of a question, above 0, the turn right after it gets as well
 * @param fact added, in proportion, where facts that the turn gives evidence of are about the query
 * @param spread taken from a message for each better one of its session, so that hits come from several sessions
 */
public record FusionWeights(
        double dense,
        double densePrevious,
        double denseNext,
        double bm25Own,
        double bm25Previous,
        double bm25Both,
        double logLength,
        double session,
        double question,
        double speaker,
        double coverage,
        double answer,
        double fact,
        double spread) {
    /** The weights measured best on long conversations. */
    public static final FusionWeights DEFAULTS =
            new FusionWeights(0.8, 0.1, 0.1, 0.1, 0.35, 0.15, 0.6, 0.8, -1.0, 1.2, 8.0, 0.3, 0.5, 0.2);

    /** These weights with all others at 0 that are not of what the mode looks at. */
    FusionWeights in(SearchRequest.Mode mode) {
        return switch (mode) {
            case ALL -> this;
            case VECTOR -> new FusionWeights(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
            case KEYWORD -> new FusionWeights(0, 0, 0, bm25Own, bm25Previous, bm25Both, 0, 0, 0, 0, coverage, 0, 0, 0);
        };
    }
}
