package memfuse.cluster.http.resource;

import java.util.UUID;

/** Makes ids: UUIDs of version 7, which sort by the time they were made, so that index pages of new rows stay warm. */
public final class Ids {
    private static final int RANDOM_BITS_IN_HIGH_HALF = 12;
    private static final long VERSION_7 = 7L << RANDOM_BITS_IN_HIGH_HALF;
    private static final long RANDOM_MASK = (1L << RANDOM_BITS_IN_HIGH_HALF) - 1;

    private Ids() {}

    public static String next(long epochMillis) {
        UUID random = UUID.randomUUID();
        long high = (epochMillis << 16) | VERSION_7 | (random.getMostSignificantBits() & RANDOM_MASK);
        return new UUID(high, random.getLeastSignificantBits()).toString();
    }
}
