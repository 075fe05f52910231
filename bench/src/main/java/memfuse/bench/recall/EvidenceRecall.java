package memfuse.bench.recall;

import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import memfuse.bench.recall.Conversation.Category;
import memfuse.bench.recall.Conversation.Question;

/**
 * How much of the evidence one ranking has among its first hits, added up over questions.
 *
 * <p>Recall at k is, for each question, the share of its evidence turns among the first k hits; hit at k is 1 where any of
 * them is. Both are averaged over the questions, in percent.
 */
final class EvidenceRecall {
    /** The largest k. */
    static final int DEPTH = 50;

    /** The k that are stated. */
    static final List<Integer> CUTOFFS = List.of(5, 10, 25, DEPTH);

    private final Map<Category, Sums> byCategory = new EnumMap<>(Category.class);

    /** By k; nothing at 0. */
    private static final class Sums {
        final double[] recall = new double[DEPTH + 1];
        final double[] hit = new double[DEPTH + 1];
        int questions;
    }

    /**
     * Counts a question.
     *
     * @param ranking ids of turns, best first, each once
     */
    void add(Question question, List<String> ranking) {
        Sums sums = sums(question.category());
        Set<String> missing = new HashSet<>(question.evidence());
        int all = missing.size();
        for (int k = 1; k <= DEPTH; k++) {
            if (k <= ranking.size()) {
                missing.remove(ranking.get(k - 1));
            }
            sums.recall[k] += (double) (all - missing.size()) / all;
            sums.hit[k] += missing.size() < all ? 1 : 0;
        }
        sums.questions++;
    }

    /** All their questions together. */
    static EvidenceRecall of(Collection<EvidenceRecall> parts) {
        EvidenceRecall whole = new EvidenceRecall();
        for (EvidenceRecall part : parts) {
            part.byCategory.forEach((category, from) -> {
                Sums to = whole.sums(category);
                for (int k = 1; k <= DEPTH; k++) {
                    to.recall[k] += from.recall[k];
                    to.hit[k] += from.hit[k];
                }
                to.questions += from.questions;
            });
        }
        return whole;
    }

    int questions(QuestionGroup group) {
        return (int) sum(group, sums -> sums.questions);
    }

    /** In percent; NaN where there are no questions. */
    double recall(QuestionGroup group, int k) {
        return 100 * sum(group, sums -> sums.recall[k]) / questions(group);
    }

    /** In percent; NaN where there are no questions. */
    double hit(QuestionGroup group, int k) {
        return 100 * sum(group, sums -> sums.hit[k]) / questions(group);
    }

    private double sum(QuestionGroup group, ToDoubleFunction<Sums> value) {
        return byCategory.entrySet().stream()
                .filter(entry -> group.has(entry.getKey()))
                .mapToDouble(entry -> value.applyAsDouble(entry.getValue()))
                .sum();
    }

    private Sums sums(Category category) {
        return byCategory.computeIfAbsent(category, added -> new Sums());
    }
}
