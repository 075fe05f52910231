package memfuse.actors.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;

/**
 * Which units of a session are being embedded, and where each embedding goes: into the buffer, or, when its unit was
 * flushed without, to the store behind that flush.
 */
final class SessionEmbeddings {
    private final String userId;
    private final UnitEmbedder embedder;

    /** Units that are being embedded. */
    private final Set<UnitKey> started = new HashSet<>();

    /** Embeddings that came while a flush was writing their units without; stored after it. */
    private final List<UnitVector> late = new ArrayList<>();

    SessionEmbeddings(String userId, UnitEmbedder embedder) {
        this.userId = userId;
        this.embedder = embedder;
    }

    /** Starts embedding; empty where these units will be embedded after their flush. */
    Optional<CompletionStage<List<UnitVector>>> start(List<MemoryUnit> units) {
        var vectors =
                units.isEmpty() ? Optional.<CompletionStage<List<UnitVector>>>empty() : embedder.embed(userId, units);
        if (vectors.isPresent()) {
            units.forEach(unit -> started.add(unit.key()));
        }
        return vectors;
    }

    /** Embedding of {@code units} is over; takes in the vectors it gave. */
    void ready(List<MemoryUnit> units, List<UnitVector> vectors, SessionMemory memory) {
        List<UnitVector> flushed =
                vectors.stream().filter(vector -> !memory.setVector(vector)).toList();
        if (memory.isFlushing()) {
            late.addAll(flushed);
        } else if (!flushed.isEmpty()) {
            embedder.storeLate(flushed);
        }
        Collection<UnitKey> over = units.stream().map(MemoryUnit::key).collect(HashSet::new, Set::add, Set::addAll);
        started.removeAll(over);
        flushed.forEach(vector -> over.remove(vector.key()));
        embedder.release(over);
        if (vectors.size() < units.size()) {
            embedder.unitsPending();
        }
    }

    /** The store has this flush: late embeddings can follow, and units that nobody embeds are pointed out. */
    void stored(SessionFlush flush) {
        Set<UnitKey> cared = new HashSet<>(started);
        if (!late.isEmpty()) {
            late.forEach(vector -> cared.add(vector.key()));
            embedder.storeLate(List.copyOf(late));
            late.clear();
        }
        if (flush.units().stream().anyMatch(unit -> unit.vector() == null && !cared.contains(unit.key()))) {
            embedder.unitsPending();
        }
    }

    /** The session ends; what is still being embedded is embedded after its flush. */
    void close() {
        embedder.release(List.copyOf(started));
        embedder.release(late.stream().map(UnitVector::key).toList());
    }
}
