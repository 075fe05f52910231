package memfuse.actors.layers;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import memfuse.actors.embedding.EmbeddingQueue;
import memfuse.actors.embedding.TextVectorCache;
import memfuse.actors.session.UnitEmbedder;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/**
 * Embeds units for sessions and for the backlog through the node's queue, and remembers which are under way, so that no
 * unit is embedded twice. Thread-safe.
 */
public final class IngestEmbedder implements UnitEmbedder {
    private final EmbeddingQueue queue;
    private final TextVectorCache known;
    private final ActorRef<EmbeddingBacklog.Command> backlog;

    /** Units that somebody is embedding, or whose embedding is on its way to the store. */
    private final Set<UnitKey> claimed = ConcurrentHashMap.newKeySet();

    /** @param known what sessions had embedded; what waited in the store is looked up there, but not kept */
    public IngestEmbedder(EmbeddingQueue queue, TextVectorCache known, ActorRef<EmbeddingBacklog.Command> backlog) {
        this.queue = queue;
        this.known = known;
        this.backlog = backlog;
        backlog.tell(new EmbeddingBacklog.Start(this));
    }

    @Override
    public Optional<CompletionStage<List<UnitVector>>> embed(String userId, List<MemoryUnit> units) {
        List<CompletableFuture<@Nullable UnitVector>> vectors = new ArrayList<>(units.size());
        for (MemoryUnit unit : units) {
            offer(userId, unit.key(), unit.embeddedText(), unit.tokens(), true).ifPresent(vectors::add);
        }
        return vectors.isEmpty() ? Optional.empty() : Optional.of(all(vectors));
    }

    /** Starts embedding units of the store; those for which there is no room are left out. */
    Map<UnitKey, CompletableFuture<@Nullable UnitVector>> embedPending(List<PendingUnit> units) {
        Map<UnitKey, CompletableFuture<@Nullable UnitVector>> vectors = new LinkedHashMap<>();
        for (PendingUnit unit : units) {
            int tokens = unit.embeddedText().length() / 4; // decides only what it is batched with
            offer(unit.userId(), unit.key(), unit.embeddedText(), tokens, false)
                    .ifPresent(vector -> vectors.put(unit.key(), vector));
        }
        return vectors;
    }

    private Optional<CompletableFuture<@Nullable UnitVector>> offer(
            String userId, UnitKey key, String text, int tokens, boolean keep) {
        claimed.add(key);
        Optional<CompletableFuture<@Nullable UnitVector>> vector = embed(userId, text, tokens, keep)
                .map(stage -> stage.<@Nullable UnitVector>handle(
                                (floats, failure) -> failure == null ? new UnitVector(userId, key, text, floats) : null)
                        .toCompletableFuture());
        if (vector.isEmpty()) {
            claimed.remove(key);
        }
        return vector;
    }

    private Optional<CompletionStage<float[]>> embed(String userId, String text, int tokens, boolean keep) {
        float[] vector = known.get(text);
        if (vector != null) {
            return Optional.of(CompletableFuture.completedFuture(vector));
        }
        Optional<CompletionStage<float[]>> made = queue.offer(userId, text, tokens);
        return keep ? made.map(stage -> known.putWhenReady(text, stage)) : made;
    }

    /** All vectors that there are, when there are no more to come. */
    static CompletionStage<List<UnitVector>> all(Collection<CompletableFuture<@Nullable UnitVector>> vectors) {
        return CompletableFuture.allOf(vectors.toArray(CompletableFuture[]::new))
                .thenApply(done -> vectors.stream()
                        .map(CompletableFuture::join)
                        .filter(Objects::nonNull)
                        .toList());
    }

    @Override
    public void release(Collection<UnitKey> keys) {
        keys.forEach(claimed::remove);
    }

    @Override
    public void storeLate(List<UnitVector> vectors) {
        backlog.tell(new EmbeddingBacklog.Late(vectors));
    }

    @Override
    public void forgetTexts() {
        known.clear();
    }

    @Override
    public void unitsPending() {
        backlog.tell(new EmbeddingBacklog.Wake());
    }

    /** Whether the queue would take so many texts, or as many as fill half of it. */
    boolean hasRoomFor(int texts) {
        return queue.hasRoomFor(texts);
    }

    /** Units that are under way now. */
    Set<UnitKey> claimed() {
        return new HashSet<>(claimed);
    }
}
