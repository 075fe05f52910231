package memfuse.actors.retrieval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import memfuse.actors.embedding.Vectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompactVectorsTest {
    private static final int SLOTS = 8;

    private final Random random = new Random(7);

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 384, 1024})
    void multipliesAlmostAsFloatsDo(int dimensions) {
        CompactVectors vectors = new CompactVectors(SLOTS, dimensions);
        for (int i = 0; i < 200; i++) {
            float[] vector = Units.vector(random, dimensions);
            float[] asked = near(vector, random.nextFloat());
            int slot = i % SLOTS;
            vectors.set(slot, vector, 0);
            CompactVectors.Query query = new CompactVectors.Query(asked);
            float exact = Vectors.dot(asked, vector, 0);
            assertThat(vectors.product(query, slot)).isCloseTo(exact, within(0.006f));
            assertThat(vectors.estimate(query, slot)).isCloseTo(exact, within(0.8f / (float) Math.sqrt(dimensions)));
        }
    }

    @Test
    void multipliesVectorsOfWhichOneNumberIsLarge() {
        CompactVectors vectors = new CompactVectors(SLOTS, 384);
        float[] vector = Units.vector(random, 384);
        vector[5] = 0.5f;
        Vectors.toUnitLength(vector);
        vectors.set(0, vector, 0);
        CompactVectors.Query query = new CompactVectors.Query(vector);
        assertThat(vectors.product(query, 0)).isCloseTo(1, within(0.01f));
        assertThat(vectors.estimate(query, 0)).isBetween(0.6f, 1.1f);
    }

    @Test
    void readsAVectorFromWithinABlock() {
        CompactVectors vectors = new CompactVectors(SLOTS, 64);
        float[] block = new float[3 * 64];
        float[] vector = Units.vector(random, 64);
        System.arraycopy(vector, 0, block, 64, 64);
        vectors.set(2, block, 64);
        vectors.copy(2, vectors, 5);
        CompactVectors.Query query = new CompactVectors.Query(vector);
        assertThat(vectors.product(query, 5)).isCloseTo(1, within(0.006f));
        vectors.clear(2);
        assertThat(vectors.product(query, 2)).isZero();
        assertThat(vectors.product(query, 5)).isCloseTo(1, within(0.006f));
    }

    @Test
    void knowsVectorsOfZeros() {
        CompactVectors vectors = new CompactVectors(SLOTS, 64);
        vectors.set(0, new float[64], 0);
        CompactVectors.Query query = new CompactVectors.Query(Units.vector(random, 64));
        assertThat(vectors.product(query, 0)).isZero();
        assertThat(vectors.product(new CompactVectors.Query(new float[64]), 0)).isZero();
        assertThat(vectors.estimate(new CompactVectors.Query(new float[64]), 0)).isZero();
    }

    private float[] near(float[] vector, float nearness) {
        float[] other = Units.vector(random, vector.length);
        for (int i = 0; i < other.length; i++) {
            other[i] = nearness * vector[i] + (1 - nearness) * other[i];
        }
        return Vectors.toUnitLength(other);
    }
}
