package memfuse.bench.micro;

import java.time.Instant;
import java.util.Random;
import memfuse.actors.embedding.TokenCounter;
import memfuse.actors.embedding.Vectors;
import memfuse.actors.retrieval.IndexedUnit;
import memfuse.actors.retrieval.UnitSource;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;

/** Chat turns of words that are distributed as in language, with random vectors; the same for the same seed. */
final class SyntheticMemory {
    static final int DIMENSIONS = 384;

    private static final int VOCABULARY = 20_000;
    private static final int TURNS_OF_A_SESSION = 40;

    private final TokenCounter tokens = new TokenCounter();
    private final Random random;

    SyntheticMemory(long seed) {
        random = new Random(seed);
    }

    IndexedUnit unit(int number) {
        String text = text(5 + random.nextInt(35));
        Instant saidAt = Instant.ofEpochSecond(1_700_000_000L + number);
        UnitKey key = new UnitKey("session-" + number / TURNS_OF_A_SESSION, 1L + number % TURNS_OF_A_SESSION, 0);
        return new IndexedUnit(
                key,
                UnitSource.MESSAGE,
                new java.util.UUID(random.nextLong(), random.nextLong()).toString(),
                Role.USER,
                number % 2 == 0 ? "Alice" : "Bob",
                text,
                saidAt,
                saidAt,
                tokens.count(text));
    }

    float[] vector() {
        float[] vector = new float[DIMENSIONS];
        for (int i = 0; i < DIMENSIONS; i++) {
            vector[i] = (float) random.nextGaussian();
        }
        return Vectors.toUnitLength(vector);
    }

    String query() {
        return "What did Alice say about " + text(4) + "?";
    }

    String text(int words) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            int rank = (int) Math.exp(random.nextDouble() * Math.log(VOCABULARY));
            text.append(i == 0 ? "" : " ").append("w").append(Integer.toString(rank * 7919, 36));
        }
        return text.toString();
    }
}
