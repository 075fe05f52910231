package memfuse.actors.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;

/** An embedder that embeds when the test says so, and remembers what it was told; thread-safe. */
final class FakeEmbedder implements UnitEmbedder {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final List<Order> orders = new ArrayList<>();
    private final List<UnitKey> released = new ArrayList<>();
    private final List<UnitVector> late = new ArrayList<>();
    private boolean shedding;
    private int pendingCalls;

    /** Units that a session wants embedded. */
    record Order(List<MemoryUnit> units, CompletableFuture<List<UnitVector>> vectors) {
        /** All vectors are ready. */
        void complete() {
            vectors.complete(units.stream().map(FakeEmbedder::vectorOf).toList());
        }

        /** None can be made. */
        void completeEmpty() {
            vectors.complete(List.of());
        }
    }

    static UnitVector vectorOf(MemoryUnit unit) {
        return new UnitVector(Samples.USER, unit.key(), unit.embeddedText(), Samples.vectorOf(unit.embeddedText()));
    }

    /** There is no room from now on. */
    synchronized void shed() {
        shedding = true;
    }

    @Override
    public synchronized Optional<CompletionStage<List<UnitVector>>> embed(String userId, List<MemoryUnit> units) {
        if (shedding) {
            return Optional.empty();
        }
        Order order = new Order(units, new CompletableFuture<>());
        orders.add(order);
        notifyAll();
        return Optional.of(order.vectors());
    }

    @Override
    public synchronized void release(Collection<UnitKey> keys) {
        released.addAll(keys);
    }

    @Override
    public synchronized void storeLate(List<UnitVector> vectors) {
        late.addAll(vectors);
    }

    @Override
    public void forgetTexts() {}

    @Override
    public synchronized void unitsPending() {
        pendingCalls++;
    }

    synchronized List<Order> orders() {
        return List.copyOf(orders);
    }

    /** The order with this number, counted from 0; a session answers before it orders, so the order may be yet to come. */
    synchronized Order order(int index) {
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        while (orders.size() <= index) {
            long leftMillis = (endNanos - System.nanoTime()) / 1_000_000;
            assertThat(leftMillis).as("order %s did not come", index).isPositive();
            try {
                wait(leftMillis);
            } catch (InterruptedException interruption) {
                throw new IllegalStateException(interruption);
            }
        }
        return orders.get(index);
    }

    synchronized List<UnitKey> released() {
        return List.copyOf(released);
    }

    synchronized List<UnitVector> late() {
        return List.copyOf(late);
    }

    /** How often units without an embedding were pointed out. */
    synchronized int pendingCalls() {
        return pendingCalls;
    }
}
