package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * What a choice is worth where it was not made: for each conversation the candidate is taken that is best on all the
 * others, and measured on the one that was left out.
 *
 * <p>Best is the highest mean of the recalls at {@link EvidenceRecall#CUTOFFS}, over all questions; of equals the first.
 *
 * @param heldOut what was measured, all conversations together
 * @param chosen by conversation that was left out, the number of the candidate
 * @param bestOnAll the candidate that is best when nothing is left out
 */
record LeaveOneOut(EvidenceRecall heldOut, List<Integer> chosen, int bestOnAll) {
    /** @param scores by candidate, by conversation */
    static LeaveOneOut of(List<List<EvidenceRecall>> scores) {
        int conversations = scores.get(0).size();
        if (conversations < 2) {
            throw new IllegalArgumentException("nothing is left when one of " + conversations + " is left out");
        }
        List<Integer> chosen = new ArrayList<>();
        List<EvidenceRecall> measured = new ArrayList<>();
        for (int i = 0; i < conversations; i++) {
            int leftOut = i;
            int best = best(scores, conversation -> conversation != leftOut);
            chosen.add(best);
            measured.add(scores.get(best).get(leftOut));
        }
        return new LeaveOneOut(EvidenceRecall.of(measured), chosen, best(scores, conversation -> true));
    }

    private static int best(List<List<EvidenceRecall>> scores, IntPredicate counts) {
        int best = 0;
        double highest = Double.NEGATIVE_INFINITY;
        for (int candidate = 0; candidate < scores.size(); candidate++) {
            List<EvidenceRecall> byConversation = scores.get(candidate);
            double merit = merit(EvidenceRecall.of(IntStream.range(0, byConversation.size())
                    .filter(counts)
                    .mapToObj(byConversation::get)
                    .toList()));
            if (merit > highest) {
                highest = merit;
                best = candidate;
            }
        }
        return best;
    }

    private static double merit(EvidenceRecall recall) {
        return EvidenceRecall.CUTOFFS.stream()
                .mapToDouble(k -> recall.recall(QuestionGroup.ALL, k))
                .average()
                .orElseThrow();
    }
}
