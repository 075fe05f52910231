package memfuse.actors.retrieval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/**
 * Finds the facts that a question is about: by their words, and one step along the names that they share. Whoever asks
 * where Ann's sister lives is to find that the sister is called Ida, and that Ida lives in Faro. Immutable.
 */
public final class FactSearch {
    /** More distinct words of a question are not looked at. */
    private static final int MAX_TERMS = 64;

    /** What a fact inherits of the score of one whose object it is about, or whose subject it names. */
    private static final double ALONG_AN_EDGE = 0.5;

    /** A search that finds nothing. */
    public static final FactSearch NONE = of(List.of());

    private final List<Fact> facts;

    /** The distinct words of each fact. */
    private final List<Set<String>> words;

    /** What a fact takes beside its texts, with the references to its words. */
    private static final int FACT_BYTES = 800;

    private FactSearch(List<Fact> facts, List<Set<String>> words) {
        this.facts = facts;
        this.words = words;
    }

    /** A search of these facts. Takes some microseconds a fact. */
    public static FactSearch of(List<Fact> facts) {
        return new FactSearch(
                List.copyOf(facts),
                facts.stream()
                        .map(fact -> Set.copyOf(
                                TextAnalysis.of(textOf(fact)).counts().keySet()))
                        .toList());
    }

    private static String textOf(Fact fact) {
        return String.join(" ", fact.subject(), fact.predicate(), fact.object(), fact.text());
    }

    /**
     * A fact that was found.
     *
     * @param score above 0 and at most 1: the part of the question's words that the fact has, rare words counting more
     */
    public record FoundFact(Fact fact, double score) {}

    /** The facts that have anything to do with the query, best first; of equal ones in the order given. */
    public List<FoundFact> search(String query) {
        Map<String, Double> weights = new HashMap<>();
        double all = 0;
        for (String term : TextAnalysis.of(query, MAX_TERMS).counts().keySet()) {
            long having = words.stream().filter(each -> each.contains(term)).count();
            double weight = Math.log(1 + (facts.size() - having + 0.5) / (having + 0.5));
            weights.put(term, weight);
            all += weight;
        }
        double[] scores = new double[facts.size()];
        for (int i = 0; i < scores.length; i++) {
            Set<String> has = words.get(i);
            double sum = weights.entrySet().stream()
                    .filter(term -> has.contains(term.getKey()))
                    .mapToDouble(Map.Entry::getValue)
                    .sum();
            scores[i] = all > 0 ? Math.min(1, sum / all) : 0;
        }
        return ranked(facts, alongEdges(facts, scores));
    }

    /** The messages that give evidence of what {@link #search} finds, by their first units, with the highest score. */
    public Map<UnitKey, Double> evidence(String query) {
        Map<UnitKey, Double> evidence = new HashMap<>();
        for (FoundFact found : facts.isEmpty() ? List.<FoundFact>of() : search(query)) {
            for (Fact.Evidence each : found.fact().evidence()) {
                evidence.merge(new UnitKey(found.fact().sessionId(), each.seq(), 0), found.score(), Math::max);
            }
        }
        return evidence;
    }

    /** Bytes on the heap, about. */
    public long heapBytes() {
        return facts.stream().mapToLong(FactSearch::heapBytesOf).sum();
    }

    private static long heapBytesOf(Fact fact) {
        return FACT_BYTES + 2L * textOf(fact).length();
    }

    /** Whether it is of the same facts. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FactSearch search && search.facts.equals(facts);
    }

    @Override
    public int hashCode() {
        return facts.hashCode();
    }

    /** What facts score by themselves, or by their neighbours where that is more. */
    private static double[] alongEdges(List<Fact> facts, double[] scores) {
        Map<String, Double> bySubject = new HashMap<>();
        Map<String, Double> byObject = new HashMap<>();
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] > 0) {
                bySubject.merge(name(facts.get(i).subject()), scores[i], Math::max);
                byObject.merge(name(facts.get(i).object()), scores[i], Math::max);
            }
        }
        double[] reached = scores.clone();
        for (int i = 0; i < scores.length; i++) {
            double neighbour = Math.max(
                    byObject.getOrDefault(name(facts.get(i).subject()), 0.0),
                    bySubject.getOrDefault(name(facts.get(i).object()), 0.0));
            reached[i] = Math.max(scores[i], ALONG_AN_EDGE * neighbour);
        }
        return reached;
    }

    private static String name(String text) {
        return text.toLowerCase(Locale.ROOT).strip();
    }

    private static List<FoundFact> ranked(List<Fact> facts, double[] scores) {
        List<FoundFact> found = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            if (scores[i] > 0) {
                found.add(new FoundFact(facts.get(i), scores[i]));
            }
        }
        found.sort(Comparator.comparingDouble(FoundFact::score).reversed());
        return found;
    }
}
