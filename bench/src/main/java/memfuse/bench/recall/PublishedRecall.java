package memfuse.bench.recall;

import java.util.List;

/**
 * What the best retriever of dialog turns in LoCoMo's paper finds, DRAGON: recall in percent, over all of its ten
 * conversations (1,982 questions with evidence). Other conversations are easier or harder.
 */
final class PublishedRecall {
    static final String NAME = "DRAGON (paper, all ten)";

    private PublishedRecall() {}

    /** At {@link EvidenceRecall#CUTOFFS}; empty where it is not known. */
    static List<Double> of(QuestionGroup group) {
        return switch (group) {
            case ALL -> List.of(56.7, 66.2, 76.7, 82.7);
            case WITHOUT_ADVERSARIAL -> List.of(60.4, 69.6, 79.7, 85.6);
            default -> List.of();
        };
    }
}
