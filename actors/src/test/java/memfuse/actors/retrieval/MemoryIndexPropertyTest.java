package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import memfuse.actors.embedding.Chunker;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.embedding.Vectors;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryIndexPropertyTest {
    private static final int DIMENSIONS = 16;
    private static final String[] NAMES = {"Ann", "Bob", "Ann Lee", "user"};

    private final Random random = seeded();

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("MemoryIndexPropertyTest seed " + seed);
        return new Random(seed);
    }

    private record Stored(IndexedUnit unit, float @Nullable [] vector) {}

    @Test
    void anEditedIndexEqualsOneBuiltOfWhatIsLeft() {
        MemoryIndex edited = new MemoryIndex(DIMENSIONS, FusionWeights.DEFAULTS);
        Map<UnitKey, Stored> expected = new HashMap<>();
        for (int round = 0; round < 25; round++) {
            int operations = 1 + random.nextInt(120);
            for (int i = 0; i < operations; i++) {
                operate(edited, expected, round % 5 == 4 ? 60 : 15);
            }
            assertThat(edited.size()).isEqualTo(expected.size());
            assertSame(edited, rebuilt(expected));
        }
    }

    private void operate(MemoryIndex index, Map<UnitKey, Stored> expected, int removePercent) {
        String session = "s" + random.nextInt(6);
        long seq = 1L + random.nextInt(200);
        UnitKey key = new UnitKey(session, seq, 0);
        int chance = random.nextInt(100);
        if (chance < removePercent) {
            int removed = index.removeMessage(session, seq);
            int count = expected.size();
            expected.keySet().removeIf(k -> k.sessionId().equals(session) && k.seq() == seq);
            assertThat(removed).isEqualTo(count - expected.size());
        } else if (chance == 99) {
            index.removeSession(session);
            expected.keySet().removeIf(k -> k.sessionId().equals(session));
        } else if (chance > 85) {
            Stored stored = expected.get(key);
            float[] vector = Units.vector(random, DIMENSIONS);
            String text = stored == null ? "gone" : stored.unit.embeddedText();
            assertThat(index.setVector(key, text, vector)).isEqualTo(stored != null);
            if (stored != null) {
                expected.put(key, new Stored(stored.unit, vector));
            }
        } else {
            int chunks = random.nextInt(8) == 0 ? 3 : 1;
            String name = NAMES[random.nextInt(NAMES.length)];
            if (expected.containsKey(key)) {
                assertThat(index.add(Units.unit(session, seq, "another text"), null))
                        .isFalse();
                return;
            }
            for (int chunk = 0; chunk < chunks; chunk++) {
                IndexedUnit unit = Units.unit(session, seq, chunk, name, Units.text(random));
                float[] vector = random.nextInt(3) == 0 ? null : Units.vector(random, DIMENSIONS);
                assertThat(index.add(unit, vector)).isTrue();
                expected.put(unit.key(), new Stored(unit, vector));
            }
        }
    }

    private MemoryIndex rebuilt(Map<UnitKey, Stored> expected) {
        List<Stored> shuffled = new ArrayList<>(expected.values());
        Collections.shuffle(shuffled, random);
        MemoryIndex index = new MemoryIndex(DIMENSIONS, FusionWeights.DEFAULTS);
        shuffled.forEach(stored -> index.add(stored.unit, stored.vector));
        return index;
    }

    /** Equal but for the rounding of sums that are made in another order. */
    private void assertSame(MemoryIndex actual, MemoryIndex expected) {
        for (int i = 0; i < 5; i++) {
            float[] vector = random.nextBoolean() ? Units.vector(random, DIMENSIONS) : null;
            SearchRequest request = SearchRequest.of(Units.text(random) + " Ann", vector, 1_000);
            Map<String, ScoredUnit> hits = byMessage(actual.search(request));
            Map<String, ScoredUnit> expectedHits = byMessage(expected.search(request));
            assertThat(hits.keySet()).isEqualTo(expectedHits.keySet());
            hits.forEach((id, hit) -> {
                ScoredUnit same = java.util.Objects.requireNonNull(expectedHits.get(id));
                assertThat(hit.fused()).isCloseTo(same.fused(), within(1e-3));
                assertThat(hit.similarity()).isEqualTo(same.similarity());
                assertThat(hit.exact()).isEqualTo(same.exact());
                assertThat(hit.unit().text()).isEqualTo(same.unit().text());
            });
        }
    }

    private static Map<String, ScoredUnit> byMessage(List<ScoredUnit> hits) {
        Map<String, ScoredUnit> map = new HashMap<>();
        hits.forEach(hit -> map.put(hit.unit().messageId(), hit));
        assertThat(map).hasSize(hits.size());
        return map;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10, 100, 1_000, 10_000})
    void aMessageIsFoundByItsOwnWordsAtOnce(int size) {
        MemoryIndex index = new MemoryIndex(DIMENSIONS, FusionWeights.DEFAULTS);
        Set<String> texts = new HashSet<>();
        for (int i = 1; i < size; i++) {
            String text = Units.text(random);
            texts.add(plain(text));
            index.add(
                    Units.unit("s" + random.nextInt(10), i, 0, NAMES[random.nextInt(NAMES.length)], text),
                    Units.vector(random, DIMENSIONS));
        }
        for (int i = 0; i < (size > 5_000 ? 20 : 60); i++) {
            String text = Units.text(random);
            IndexedUnit unit = Units.unit("s" + random.nextInt(12), size + i, text);
            index.add(unit, null);
            boolean repeated = !texts.add(plain(text));
            float[] vector = random.nextBoolean() ? Units.vector(random, DIMENSIONS) : null;
            for (String query : List.of(text, plain(text), text.toUpperCase(Locale.ROOT), shuffled(text, repeated))) {
                List<ScoredUnit> hits = index.search(SearchRequest.of(query, vector, 5));
                assertThat(hits)
                        .as("query <%s> for <%s>", query, text)
                        .anyMatch(hit -> hit.unit().key().equals(unit.key()));
            }
            List<ScoredUnit> hits = index.search(SearchRequest.of(text, vector, 5));
            assertThat(hits.get(0).unit().key()).isEqualTo(unit.key());
        }
    }

    @Test
    void aCompactIndexFindsWhatAnotherOneFinds() {
        int dimensions = 128;
        MemoryIndex plain = new MemoryIndex(dimensions, FusionWeights.DEFAULTS);
        MemoryIndex compact = new MemoryIndex(dimensions, FusionWeights.DEFAULTS, 500);
        List<float[]> vectors = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            IndexedUnit unit = Units.unit("s" + i % 50, i + 1, Units.text(random));
            float[] vector = Units.vector(random, dimensions);
            vectors.add(vector);
            plain.add(unit, vector);
            compact.add(unit, vector);
        }
        int same = 0;
        for (int i = 0; i < 40; i++) {
            float[] asked = vectors.get(random.nextInt(vectors.size())).clone();
            asked[random.nextInt(dimensions)] += 0.5f;
            SearchRequest request = SearchRequest.of(Units.text(random), Vectors.toUnitLength(asked), 10);
            Map<String, ScoredUnit> hits = byMessage(compact.search(request));
            Map<String, ScoredUnit> expected = byMessage(plain.search(request));
            assertThat(hits).hasSameSizeAs(expected);
            hits.keySet().retainAll(expected.keySet());
            same += hits.size();
            hits.forEach((id, hit) -> assertThat(hit.similarity())
                    .isCloseTo(
                            java.util.Objects.requireNonNull(expected.get(id)).similarity(), within(0.01)));
        }
        assertThat(same).isGreaterThanOrEqualTo(380);
        assertThat(compact.heapBytes()).isLessThan(plain.heapBytes() * 7 / 10);
    }

    @Test
    void aLongMessageIsFoundByItsOwnWords() {
        Chunker chunker = new Chunker(new TokenCounter(), 100);
        MemoryIndex index = new MemoryIndex(DIMENSIONS, FusionWeights.DEFAULTS);
        for (int i = 1; i < 2_000; i++) {
            index.add(Units.unit("s" + i % 7, i, Units.text(random)), Units.vector(random, DIMENSIONS));
        }
        for (int i = 0; i < 10; i++) {
            StringBuilder text = new StringBuilder();
            while (text.length() < 3_000) {
                text.append(Units.text(random)).append(random.nextInt(9) == 0 ? "\n\n" : " ");
            }
            List<Chunker.Chunk> chunks = chunker.chunk(text.toString());
            for (int chunk = 0; chunk < chunks.size(); chunk++) {
                index.add(
                        Units.unit(
                                "s1", 2_000 + i, chunk, "Ann", chunks.get(chunk).text()),
                        null);
            }
            List<ScoredUnit> hits = index.search(SearchRequest.of(text.toString(), null, 5));
            assertThat(hits.get(0).unit().messageId()).isEqualTo("s1-" + (2_000 + i));
        }
    }

    private static String plain(String text) {
        return text.replaceAll("[?.]", "");
    }

    /** The words in another order; as they are where the text was said before, for then order decides. */
    private String shuffled(String text, boolean repeated) {
        List<String> words = new ArrayList<>(Arrays.asList(plain(text).split(" ", -1)));
        boolean stopWordsOnly = TextAnalysis.of(text).length() == 0;
        if (!repeated && !stopWordsOnly && words.size() > 3) {
            Collections.shuffle(words, random);
        }
        return String.join(" ", words);
    }
}
