package memfuse.actors.user;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import memfuse.actors.session.UnitEmbedder;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;

/** An embedding that counts words, and what of it comes when; thread-safe. */
final class WordVectors implements UnitEmbedder, QueryEmbedder {
    static final int DIMENSIONS = 32;

    private enum Mode {
        NONE,
        READY,
        FAILING,
        HELD
    }

    private final List<Runnable> held = new ArrayList<>();
    private final List<String> queries = new ArrayList<>();
    private final Set<String> notEmbedded = new HashSet<>();
    private int forgottenQueries;
    private int forgottenTexts;
    private Mode asked = Mode.READY;

    static float[] of(String text) {
        float[] vector = new float[DIMENSIONS];
        for (String word : text.split(" ", -1)) {
            vector[Math.floorMod(word.hashCode(), DIMENSIONS)]++;
        }
        double norm = 0;
        for (float f : vector) {
            norm += f * f;
        }
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] /= (float) Math.sqrt(norm);
        }
        return vector;
    }

    /** Units of this text get no embedding. */
    synchronized void noUnit(String text) {
        notEmbedded.add(text);
    }

    /** There is no model for queries. */
    synchronized void noQueries() {
        asked = Mode.NONE;
    }

    /** Queries get an embedding at once; those that are held get theirs as well. */
    synchronized void queries() {
        asked = Mode.READY;
        held.forEach(Runnable::run);
        held.clear();
    }

    synchronized void failQueries() {
        asked = Mode.FAILING;
    }

    synchronized void holdQueries() {
        asked = Mode.HELD;
    }

    /** What was to be embedded, in order. */
    synchronized List<String> embeddedQueries() {
        return List.copyOf(queries);
    }

    @Override
    public synchronized Optional<CompletionStage<float[]>> embed(String userId, String query) {
        queries.add(query);
        CompletableFuture<float[]> vector = new CompletableFuture<>();
        switch (asked) {
            case NONE -> {
                return Optional.empty();
            }
            case READY -> vector.complete(of(query));
            case FAILING -> vector.completeExceptionally(new IllegalStateException("scripted: no embedding"));
            case HELD -> held.add(() -> vector.complete(of(query)));
        }
        return Optional.of(vector);
    }

    /** How often nothing of any query was to be kept. */
    synchronized int forgottenQueries() {
        return forgottenQueries;
    }

    @Override
    public synchronized void forget() {
        forgottenQueries++;
    }

    @Override
    public synchronized Optional<CompletionStage<List<UnitVector>>> embed(String userId, List<MemoryUnit> wanted) {
        if (wanted.stream().map(MemoryUnit::text).anyMatch(notEmbedded::contains)) {
            return Optional.empty();
        }
        return Optional.of(CompletableFuture.completedFuture(wanted.stream()
                .map(unit -> new UnitVector(userId, unit.key(), unit.embeddedText(), of(unit.embeddedText())))
                .toList()));
    }

    @Override
    public void release(Collection<UnitKey> keys) {}

    @Override
    public void storeLate(List<UnitVector> vectors) {}

    @Override
    public synchronized void forgetTexts() {
        forgottenTexts++;
    }

    /** How often everything embedded was to be forgotten. */
    synchronized int forgottenTexts() {
        return forgottenTexts;
    }

    @Override
    public void unitsPending() {}
}
