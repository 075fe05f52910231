package memfuse.bench.recall;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import memfuse.actors.embedding.EmbeddingModel;
import memfuse.actors.embedding.OnnxEmbeddingModel;
import memfuse.actors.embedding.OnnxModelSpec;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.retrieval.FusionWeights;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.MemoryIndex;
import memfuse.actors.retrieval.ScoredUnit;
import memfuse.actors.retrieval.SearchRequest;
import memfuse.actors.retrieval.UnitSource;
import memfuse.bench.recall.Conversation.Category;
import memfuse.bench.recall.Conversation.Question;
import memfuse.bench.recall.Conversation.Turn;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;

/**
 * How much of the evidence for a question is among the first hits, with the index alone: no server, no database.
 *
 * <p>{@code java -cp bench/target/classes:cluster/target/memfuse.jar memfuse.bench.recall.OfflineRecall locomo.json}
 *
 * <p>Recall at k is, for each question, the share of its evidence turns among the first k hits, averaged over the
 * questions that have evidence.
 */
public final class OfflineRecall {
    private static final int[] CUTOFFS = {5, 10, 25, 50};
    private static final int BATCH = 8;

    private final EmbeddingModel model;
    private final TokenCounter tokens = new TokenCounter();
    private final Map<Category, Sum> sums = new EnumMap<>(Category.class);
    private final List<Long> searchNanos = new ArrayList<>();

    /** Recall at each cut-off, summed over questions. */
    private static final class Sum {
        final double[] recall = new double[CUTOFFS.length];
        int questions;
    }

    private OfflineRecall(EmbeddingModel model) {
        this.model = model;
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 1) {
            System.err.println("usage: OfflineRecall FILE [MODEL]");
            System.exit(2);
        }
        String name = args.length > 1 ? args[1] : OnnxModelSpec.MINILM.name();
        Path natives = Path.of(System.getProperty("java.io.tmpdir"), "memfuse-bench-native");
        try (EmbeddingModel model = OnnxEmbeddingModel.open(OnnxModelSpec.named(name), natives)) {
            OfflineRecall recall = new OfflineRecall(model);
            for (Conversation conversation : Conversation.read(new File(args[0]))) {
                recall.measure(conversation);
            }
            recall.print();
        }
    }

    private void measure(Conversation conversation) {
        MemoryIndex index = index(conversation.turns());
        for (Question question : conversation.questions()) {
            float[] vector = model.embed(List.of(question.text()))[0];
            long start = System.nanoTime();
            List<ScoredUnit> hits =
                    index.search(SearchRequest.of(question.text(), vector, CUTOFFS[CUTOFFS.length - 1]));
            searchNanos.add(System.nanoTime() - start);
            add(question, hits);
        }
    }

    private MemoryIndex index(List<Turn> turns) {
        MemoryIndex index = new MemoryIndex(model.dimensions(), FusionWeights.DEFAULTS);
        for (int first = 0; first < turns.size(); first += BATCH) {
            List<IndexedUnit> units = turns.subList(first, Math.min(turns.size(), first + BATCH)).stream()
                    .map(this::unit)
                    .toList();
            float[][] vectors =
                    model.embed(units.stream().map(IndexedUnit::embeddedText).toList());
            for (int i = 0; i < vectors.length; i++) {
                index.add(units.get(i), vectors[i]);
            }
        }
        return index;
    }

    private IndexedUnit unit(Turn turn) {
        UnitKey key = new UnitKey("session-" + turn.session(), turn.number(), 0);
        return new IndexedUnit(
                key,
                UnitSource.MESSAGE,
                turn.id(),
                Role.USER,
                turn.speaker(),
                turn.text(),
                turn.saidAt(),
                turn.saidAt(),
                tokens.count(turn.text()));
    }

    private void add(Question question, List<ScoredUnit> hits) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int rank = 0; rank < hits.size(); rank++) {
            ranks.put(hits.get(rank).unit().messageId(), rank);
        }
        Sum sum = sums.computeIfAbsent(question.category(), category -> new Sum());
        sum.questions++;
        for (int i = 0; i < CUTOFFS.length; i++) {
            int cutoff = CUTOFFS[i];
            long found = question.evidence().stream()
                    .filter(id -> ranks.getOrDefault(id, cutoff) < cutoff)
                    .count();
            sum.recall[i] += (double) found / question.evidence().size();
        }
    }

    private void print() {
        System.out.printf(Locale.ROOT, "%-24s %9s", "model " + model.name(), "questions");
        for (int cutoff : CUTOFFS) {
            System.out.printf(Locale.ROOT, " %7s", "R@" + cutoff);
        }
        System.out.println();
        print("all", category -> true);
        print("without adversarial", category -> category != Category.ADVERSARIAL);
        for (Category category : Category.values()) {
            print(category.name().toLowerCase(Locale.ROOT).replace('_', '-'), category::equals);
        }
        searchNanos.sort(null);
        System.out.printf(
                Locale.ROOT,
                "search without embedding: median %d µs%n",
                searchNanos.get(searchNanos.size() / 2) / 1000);
    }

    private void print(String label, Predicate<Category> of) {
        double[] recall = new double[CUTOFFS.length];
        int questions = 0;
        for (Map.Entry<Category, Sum> entry : sums.entrySet()) {
            if (of.test(entry.getKey())) {
                questions += entry.getValue().questions;
                for (int i = 0; i < CUTOFFS.length; i++) {
                    recall[i] += entry.getValue().recall[i];
                }
            }
        }
        System.out.printf(Locale.ROOT, "%-24s %9d", label, questions);
        for (double sum : recall) {
            System.out.printf(Locale.ROOT, " %7.1f", 100 * sum / questions);
        }
        System.out.println();
    }
}
