package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Bm25Test {
    private static final double K1 = 1.2;
    private static final double B = 0.75;

    @Test
    void windowsEqualThoseOfAnIndexOverTheirTexts() {
        long seed = System.nanoTime();
        System.out.println("Bm25Test seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            UnitTable table = new UnitTable(0, Integer.MAX_VALUE);
            List<List<String>> sessions = randomSessions(random, table);
            Map<String, Float> query = new LinkedHashMap<>();
            for (int i = 0; i < 5; i++) {
                TextAnalysis.of(Units.word(random)).counts().keySet().forEach(t -> query.put(t, random.nextFloat()));
            }

            TurnFeatures turns = new TurnFeatures(table);
            for (int slot = 0; slot < table.slots(); slot++) {
                turns.searched[slot] = table.sessionOf[slot] != null;
            }
            Bm25 bm25 = new Bm25(turns, table.lengths);
            query.forEach((term, weight) -> {
                Postings postings = table.postings(term);
                if (postings != null) {
                    bm25.add(postings, weight);
                }
            });

            assertSame(table, turns.bm25Own, naive(sessions, 0, 0, query));
            assertSame(table, turns.bm25Previous, naive(sessions, 1, 0, query));
            assertSame(table, turns.bm25Both, naive(sessions, 1, 1, query));
        }
    }

    /** Fills the table out of order, removes some again, and returns what is left. */
    private static List<List<String>> randomSessions(Random random, UnitTable table) {
        List<IndexedUnit> units = new ArrayList<>();
        for (int session = 0; session < 1 + random.nextInt(4); session++) {
            int size = 1 + random.nextInt(30);
            for (int seq = 1; seq <= size; seq++) {
                units.add(Units.unit("s" + session, seq, Units.text(random)));
            }
        }
        List<IndexedUnit> shuffled = new ArrayList<>(units);
        java.util.Collections.shuffle(shuffled, random);
        shuffled.forEach(table::add);
        for (IndexedUnit unit : shuffled.subList(0, shuffled.size() / 4)) {
            table.remove(table.slotOf(unit.key()));
        }
        units.removeAll(shuffled.subList(0, shuffled.size() / 4));
        Map<String, List<String>> bySession = new LinkedHashMap<>();
        units.forEach(u -> bySession
                .computeIfAbsent(u.key().sessionId(), id -> new ArrayList<>())
                .add(u.text()));
        return List.copyOf(bySession.values());
    }

    /** BM25 by the book over the joined texts of the windows, in the order of sessions and turns. */
    private static double[] naive(List<List<String>> sessions, int before, int after, Map<String, Float> query) {
        List<TextAnalysis> windows = new ArrayList<>();
        for (List<String> session : sessions) {
            for (int i = 0; i < session.size(); i++) {
                windows.add(TextAnalysis.of(String.join(
                        " . ", session.subList(Math.max(0, i - before), Math.min(session.size(), i + after + 1)))));
            }
        }
        double average =
                windows.stream().mapToInt(TextAnalysis::length).average().orElse(0);
        double[] scores = new double[windows.size()];
        query.forEach((term, weight) -> {
            long df = windows.stream().filter(w -> w.counts().containsKey(term)).count();
            double idf = Math.log(1 + (windows.size() - df + 0.5) / (df + 0.5));
            for (int i = 0; i < scores.length; i++) {
                double tf = windows.get(i).counts().getOrDefault(term, 0);
                double length = windows.get(i).length();
                scores[i] += weight * idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / average));
            }
        });
        return Arrays.stream(scores).map(s -> Double.isNaN(s) ? 0 : s).toArray();
    }

    private static void assertSame(UnitTable table, float[] actual, double[] expected) {
        List<IndexedUnit> inOrder = new ArrayList<>();
        for (int slot = 0; slot < table.slots(); slot++) {
            if (table.sessionOf[slot] != null) {
                inOrder.add(table.units[slot]);
            }
        }
        inOrder.sort(java.util.Comparator.comparing((IndexedUnit u) -> u.key().sessionId())
                .thenComparing(u -> u.key().seq()));
        for (int i = 0; i < inOrder.size(); i++) {
            assertThat((double) actual[table.slotOf(inOrder.get(i).key())]).isCloseTo(expected[i], within(1e-4));
        }
        assertThat(inOrder).hasSize(expected.length);
    }
}
