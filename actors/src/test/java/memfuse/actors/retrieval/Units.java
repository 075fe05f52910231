package memfuse.actors.retrieval;

import java.time.Instant;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/** Units for tests. */
final class Units {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private static final String[] FILLERS = {
        "the", "a", "I", "you", "it", "is", "was", "and", "to", "of", "in", "what", "did", "how", "yes", "no", "ok"
    };

    private Units() {}

    static IndexedUnit unit(String session, long seq, String text) {
        return unit(session, seq, 0, null, text);
    }

    static IndexedUnit unit(String session, long seq, int chunk, @Nullable String name, String text) {
        return new IndexedUnit(
                new UnitKey(session, seq, chunk),
                UnitSource.MESSAGE,
                session + "-" + seq,
                Role.USER,
                name,
                text,
                START.plusSeconds(seq),
                START.plusSeconds(seq),
                text.length() / 4 + 1);
    }

    static float[] vector(Random random, int dimensions) {
        float[] vector = new float[dimensions];
        double square = 0;
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) random.nextGaussian();
            square += vector[i] * vector[i];
        }
        for (int i = 0; i < dimensions; i++) {
            vector[i] /= (float) Math.sqrt(square);
        }
        return vector;
    }

    /** A turn of chat: frequent words, rarer ones after Zipf, sometimes a question, sometimes a single word. */
    static String text(Random random) {
        int words = 1 + (random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(25));
        String text = IntStream.range(0, words).mapToObj(i -> word(random)).collect(Collectors.joining(" "));
        return text + (random.nextInt(4) == 0 ? "?" : random.nextInt(2) == 0 ? "." : "");
    }

    static String word(Random random) {
        if (random.nextInt(2) == 0) {
            return FILLERS[random.nextInt(FILLERS.length)];
        }
        int rank = (int) Math.exp(random.nextDouble() * Math.log(3_000));
        return "w" + Integer.toString(rank * 7919, 36);
    }
}
