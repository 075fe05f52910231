package memfuse.actors.layers;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import memfuse.actors.layers.EmbeddingBacklog.Command;
import memfuse.actors.layers.EmbeddingBacklog.Outcome;
import memfuse.protocol.Cause;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Writes embeddings to the store, one batch at a time, and again after a pause where the store fails. Owned by the
 * backlog's actor.
 */
final class VectorWriter {
    /** Embeddings that are kept while the store does not take them. */
    static final int CAPACITY = 4096;

    /** A batch was written; {@code failure} is null where that went well. */
    record Stored(Object origin, @Nullable Throwable failure) implements Outcome {}

    /** The pause after the store failed is over. */
    record StoreAgain() implements Command {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final LayerStore store;
    private final Executor storeExecutor;
    private final Object origin;
    private final Consumer<UnitKey> onRefused;
    private final UnstoredVectors unstored = new UnstoredVectors(CAPACITY);
    private final RetryPause retryPause = new RetryPause();

    /** Whether the store is given a pause. */
    private boolean pausing;

    /**
     * @param origin what {@link Stored} is marked with
     * @param onRefused hears of units whose embedding the store does not take
     */
    VectorWriter(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            LayerStore store,
            Executor storeExecutor,
            Object origin,
            Consumer<UnitKey> onRefused) {
        this.context = context;
        this.timers = timers;
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.origin = origin;
        this.onRefused = onRefused;
    }

    /** Keeps embeddings until they are written, and returns those for which there is no room. */
    List<UnitVector> write(List<UnitVector> vectors) {
        List<UnitVector> tooMany = unstored.add(vectors);
        writeNext();
        return tooMany;
    }

    private void writeNext() {
        List<UnitVector> batch = pausing ? List.of() : unstored.next();
        if (!batch.isEmpty()) {
            context.pipeToSelf(
                    CompletableFuture.runAsync(() -> store.storeVectors(batch), storeExecutor),
                    (done, failure) -> new Stored(origin, failure));
        }
    }

    /** A batch is written, or not. Returns the embeddings that are done with: those written, or one that is given up. */
    List<UnitVector> onStored(Stored stored) {
        if (stored.failure() != null) {
            return onFailed(Cause.of(stored.failure()));
        }
        retryPause.reset();
        List<UnitVector> written = unstored.onTaken();
        writeNext();
        return written;
    }

    private List<UnitVector> onFailed(String cause) {
        pausing = true;
        timers.startSingleTimer(new StoreAgain(), retryPause.next());
        UnstoredVectors.GivenUp givenUp = unstored.onFailed();
        if (givenUp == null) {
            context.getLog().warn("cannot store embeddings, it will be tried again: {}", cause);
            return List.of();
        }
        UnitKey key = givenUp.vector().key();
        if (givenUp.refused()) {
            onRefused.accept(key);
            context.getLog()
                    .warn(
                            "the store does not take an embedding, its unit waits for the next start: {}: {}",
                            key,
                            cause);
        }
        return List.of(givenUp.vector());
    }

    void onStoreAgain() {
        pausing = false;
        writeNext();
    }

    /** How many are not written yet. */
    int size() {
        return unstored.size();
    }

    /** All that are not written yet. */
    List<UnitVector> unwritten() {
        return unstored.all();
    }
}
