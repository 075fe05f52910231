package memfuse.actors.layers;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/**
 * Embeddings that wait for the store, in batches, one under way at a time.
 *
 * <p>What fails together is tried again in halves, behind the others. So an embedding that the store cannot take is alone
 * in the end, and it is given up when it has failed alone {@link #MAX_FAILURES} times; an outage of the store leaves
 * batches a little smaller and no more. Not thread-safe.
 */
final class UnstoredVectors {
    /** Embeddings of one batch. */
    static final int MAX_TOGETHER = 256;

    /** Failures of one embedding alone before it is given up. */
    static final int MAX_FAILURES = 8;

    private final int capacity;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private List<Waiting> underWay = List.of();

    /** Batches that the store has taken. */
    private long taken;

    /**
     * @param together embeddings that it may be tried with, itself included
     * @param failures how often it failed alone
     * @param takenBefore batches taken before it failed alone for the first time
     */
    private record Waiting(UnitVector vector, int together, int failures, long takenBefore) {}

    /**
     * An embedding that is not tried any more.
     *
     * @param refused whether the store took others meanwhile, so that this one must be at fault
     */
    record GivenUp(UnitVector vector, boolean refused) {}

    /** @param capacity embeddings at the most */
    UnstoredVectors(int capacity) {
        this.capacity = capacity;
    }

    /** Adds embeddings and returns those for which there is no room. */
    List<UnitVector> add(List<UnitVector> vectors) {
        int fitting = Math.min(vectors.size(), capacity - size());
        vectors.subList(0, fitting).forEach(vector -> waiting.add(new Waiting(vector, MAX_TOGETHER, 0, 0)));
        return vectors.subList(fitting, vectors.size());
    }

    /** Takes the next batch, which is then under way; empty where none waits, or one is under way. */
    List<UnitVector> next() {
        if (!underWay.isEmpty()) {
            return List.of();
        }
        List<Waiting> batch = new ArrayList<>();
        int bound = MAX_TOGETHER;
        while (!waiting.isEmpty()
                && batch.size() < Math.min(bound, waiting.element().together())) {
            Waiting next = waiting.remove();
            bound = Math.min(bound, next.together());
            batch.add(next);
        }
        underWay = batch;
        return vectors(batch);
    }

    /** The store has taken the batch under way, which is returned. */
    List<UnitVector> onTaken() {
        taken++;
        List<UnitVector> vectors = vectors(underWay);
        underWay = List.of();
        return vectors;
    }

    /** The batch under way has failed; returns the embedding that is given up because of that, or null. */
    @Nullable
    GivenUp onFailed() {
        List<Waiting> failed = underWay;
        underWay = List.of();
        if (failed.size() != 1) {
            failed.forEach(each -> waiting.add(new Waiting(each.vector(), failed.size() / 2, 0, 0)));
            return null;
        }
        Waiting alone = failed.get(0);
        long takenBefore = alone.failures() == 0 ? taken : alone.takenBefore();
        if (alone.failures() + 1 >= MAX_FAILURES) {
            return new GivenUp(alone.vector(), taken > takenBefore);
        }
        waiting.add(new Waiting(alone.vector(), 1, alone.failures() + 1, takenBefore));
        return null;
    }

    /** All that wait and all that are under way. */
    List<UnitVector> all() {
        return vectors(Stream.concat(underWay.stream(), waiting.stream()).toList());
    }

    int size() {
        return waiting.size() + underWay.size();
    }

    private static List<UnitVector> vectors(List<Waiting> batch) {
        return batch.stream().map(Waiting::vector).toList();
    }
}
