package memfuse.cluster.process;

import java.util.Random;

/** The one number all chance of a test comes from; printed, so that a run can be repeated. */
record Seed(long value) {
    private static final String PROPERTY = "memfuse.seed";

    /** The seed given by {@code -Dmemfuse.seed}, or a new one. */
    static Seed of(Class<?> test) {
        Seed seed = new Seed(Long.getLong(PROPERTY, new Random().nextInt(1_000_000)));
        System.out.printf("%s: -D%s=%d%n", test.getSimpleName(), PROPERTY, seed.value);
        return seed;
    }

    /** A source of chance for one purpose, the same in every run with this seed. */
    Random random(int purpose) {
        return new Random(value * 1_000_003 + purpose);
    }
}
