package memfuse.actors.session;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;

/**
 * Where sessions get embeddings from. A unit is embedded once: from {@link #embed} until it is released or handed in as
 * late, nobody else takes it up.
 */
public interface UnitEmbedder {
    /** Whether there is a model; without one, no unit ever waits for an embedding. */
    default boolean embeds() {
        return true;
    }

    /**
     * Starts embedding.
     *
     * @return the vectors, completed on any thread, without those of units that could not be embedded; empty where there
     *     is no model or too much to do. What has no vector becomes pending with its flush.
     */
    Optional<CompletionStage<List<UnitVector>>> embed(String userId, List<MemoryUnit> units);

    /** The session keeps these embeddings, or wants none: they will not come back as late. */
    void release(Collection<UnitKey> keys);

    /** Embeddings of units that were flushed without; they are stored in the background and released. */
    void storeLate(List<UnitVector> vectors);

    /** Keeps nothing of the texts that were embedded before: one of them was changed or removed. */
    void forgetTexts();

    /** Units without an embedding were flushed that nobody is embedding. */
    void unitsPending();
}
