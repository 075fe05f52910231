package memfuse.bench.recall;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reciprocal rank fusion: what is ranked r-th in a list gets 1 / (60 + r), summed over the lists (Cormack, Clarke and
 * Büttcher 2009). Of equals, what the earlier list has comes first.
 */
final class ReciprocalRanks {
    private static final int OFFSET = 60;

    private ReciprocalRanks() {}

    static List<String> fuse(List<List<String>> rankings) {
        Map<String, Double> scores = new LinkedHashMap<>();
        for (List<String> ranking : rankings) {
            for (int rank = 1; rank <= ranking.size(); rank++) {
                scores.merge(ranking.get(rank - 1), 1.0 / (OFFSET + rank), Double::sum);
            }
        }
        List<String> fused = new ArrayList<>(scores.keySet());
        fused.sort(Comparator.comparing((String id) -> scores.getOrDefault(id, 0.0))
                .reversed());
        return fused;
    }
}
