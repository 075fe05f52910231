package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import memfuse.actors.embedding.Vectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorBlocksTest {
    private static final int DIMENSIONS = 70;

    @ParameterizedTest
    @ValueSource(ints = {0, 300, 1_000, Integer.MAX_VALUE})
    void keepsTheVectorsOfItsSlotsWhateverIsDoneToOthers(int compactFrom) {
        long seed = System.nanoTime();
        System.out.println("VectorBlocksTest seed " + seed);
        Random random = new Random(seed);
        VectorBlocks blocks = new VectorBlocks(DIMENSIONS, compactFrom);
        Map<Integer, float[]> expected = new HashMap<>();
        int slots = 0;
        for (int i = 0; i < 4_000; i++) {
            int chance = random.nextInt(1_000);
            if (chance < 700 || slots == 0) {
                float[] vector = Units.vector(random, DIMENSIONS);
                int slot = slots++;
                if (random.nextInt(4) != 0) {
                    blocks.set(slot, vector);
                    expected.put(slot, vector);
                }
            } else if (chance < 850) {
                float[] vector = Units.vector(random, DIMENSIONS);
                int slot = random.nextInt(slots);
                blocks.set(slot, vector);
                expected.put(slot, vector);
            } else if (chance < 997) {
                int slot = random.nextInt(slots);
                blocks.clear(slot);
                expected.remove(slot);
            } else {
                slots = pack(blocks, expected, slots);
            }
        }
        float[] asked = Units.vector(random, DIMENSIONS);
        CompactVectors.Query query = new CompactVectors.Query(asked);
        boolean[] chosen = new boolean[slots];
        for (int slot = 0; slot < slots; slot++) {
            chosen[slot] = random.nextInt(10) != 0;
        }
        float[] estimates = new float[slots];
        Arrays.fill(estimates, Float.NaN);
        blocks.estimate(asked, query, chosen, estimates);
        for (int slot = 0; slot < slots; slot++) {
            float[] vector = expected.get(slot);
            assertThat(blocks.has(slot)).isEqualTo(vector != null);
            if (vector != null) {
                float exact = Vectors.dot(asked, vector, 0);
                assertThat(blocks.dot(asked, query, slot)).isCloseTo(exact, within(0.01f));
            }
            if (vector != null && chosen[slot]) {
                assertThat(estimates[slot]).isCloseTo(Vectors.dot(asked, vector, 0), within(0.1f));
            } else {
                assertThat(estimates[slot]).isNaN();
            }
        }
        if (compactFrom == 0 || compactFrom == Integer.MAX_VALUE) {
            assertThat(blocks.isAnyCompact()).isEqualTo(compactFrom == 0);
        }
    }

    /** Moves all vectors together, every third slot left out. */
    private static int pack(VectorBlocks blocks, Map<Integer, float[]> expected, int slots) {
        Map<Integer, float[]> moved = new HashMap<>();
        int kept = 0;
        for (int slot = 0; slot < slots; slot++) {
            if (slot % 3 == 0) {
                blocks.clear(slot);
            } else {
                blocks.move(slot, kept);
                float[] vector = expected.get(slot);
                if (vector != null) {
                    moved.put(kept, vector);
                }
                kept++;
            }
        }
        blocks.truncate(kept);
        expected.clear();
        expected.putAll(moved);
        return kept;
    }
}
