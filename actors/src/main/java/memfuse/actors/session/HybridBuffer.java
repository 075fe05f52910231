package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;

/**
 * The second buffer of a session: transferred rounds with their embeddings, in two generations.
 *
 * <p>One generation fills while the other is being flushed; both stay readable, and the flushed one retires when the
 * store has acknowledged it. At most one generation is being flushed.
 */
final class HybridBuffer {
    private final int maxRounds;
    private List<BufferedRound> filling = new ArrayList<>();
    private List<BufferedRound> flushing = List.of();

    /** @param maxRounds rounds at which the filling generation asks to be flushed, 1 or more */
    HybridBuffer(int maxRounds) {
        if (maxRounds < 1) {
            throw new IllegalArgumentException("bound must be positive: maxRounds=" + maxRounds);
        }
        this.maxRounds = maxRounds;
    }

    void accept(List<BufferedRound> rounds) {
        filling.addAll(rounds);
    }

    /** Whether the filling generation has reached its bound. */
    boolean isFull() {
        return filling.size() >= maxRounds;
    }

    /** Makes the filling generation the flushing one and returns it. */
    List<BufferedRound> seal() {
        if (!flushing.isEmpty()) {
            throw new IllegalStateException("a generation is being flushed already: rounds=" + flushing.size());
        }
        flushing = filling;
        filling = new ArrayList<>();
        return flushing;
    }

    /** Drops the flushing generation: the store has it. */
    void retire() {
        flushing = List.of();
    }

    /** Drops both generations. */
    void clear() {
        filling = new ArrayList<>();
        flushing = List.of();
    }

    List<BufferedRound> filling() {
        return filling;
    }

    List<BufferedRound> flushing() {
        return flushing;
    }
}
