package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** The best of the messages that were looked at so far, at most so many. */
final class BestCandidates {
    private final int limit;
    private final Comparator<Candidate> worstFirst;
    private final PriorityQueue<Candidate> kept;

    /** What is worse than this is not kept. */
    private float floor = Float.NEGATIVE_INFINITY;

    BestCandidates(int limit, Comparator<Candidate> worstFirst) {
        this.limit = limit;
        this.worstFirst = worstFirst;
        kept = new PriorityQueue<>(worstFirst);
    }

    /** Whether a message of this score may be among the best; never true of what is no number. */
    boolean mayStay(float score) {
        return score >= floor;
    }

    void keep(Candidate candidate) {
        kept.add(candidate);
        if (kept.size() > limit) {
            kept.remove();
        }
        if (kept.size() == limit) {
            floor = kept.element().score();
        }
    }

    boolean isEmpty() {
        return kept.isEmpty();
    }

    void clear() {
        kept.clear();
        floor = Float.NEGATIVE_INFINITY;
    }

    List<Candidate> bestFirst() {
        List<Candidate> ordered = new ArrayList<>(kept);
        ordered.sort(worstFirst.reversed());
        return ordered;
    }
}
