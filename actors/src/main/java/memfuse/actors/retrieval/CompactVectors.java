package memfuse.actors.retrieval;

/**
 * A block of vectors with eight bits a number, in planes: of each 64 numbers one long word has the highest bits, the next
 * one the second highest bits, and so on. So a product of two vectors is a count of common bits, plane by plane, which
 * processors do for 64 numbers at a time without any vector instructions of Java.
 *
 * <p>A number x is kept as u = round(x / scale) + 128, where the largest number of its vector has |u − 128| = 127. The
 * upper four planes of all vectors lie together: they alone give the product to about 0.01, which is what a scan reads; all
 * eight give it to about 0.001.
 */
final class CompactVectors {
    private static final int NIBBLE_PLANES = 4;
    private static final int MIDDLE = 128;

    /** What u − 128 is in the middle of all u with the same upper four bits, in units of 16. */
    private static final float NIBBLE_MIDDLE = (MIDDLE - 7.5f) / 16;

    private final int dimensions;
    private final int words;
    private final long[] upper;
    private final long[] lower;
    private final float[] scales;

    /** Sums of u, and of its upper four bits. */
    private final int[] sums;

    private final int[] upperSums;

    CompactVectors(int slots, int dimensions) {
        this.dimensions = dimensions;
        words = words(dimensions);
        upper = new long[slots * NIBBLE_PLANES * words];
        lower = new long[slots * NIBBLE_PLANES * words];
        scales = new float[slots];
        sums = new int[slots];
        upperSums = new int[slots];
    }

    private static int words(int dimensions) {
        return (dimensions + Long.SIZE - 1) / Long.SIZE;
    }

    void set(int slot, float[] vectors, int offset) {
        clear(slot);
        float scale = largest(vectors, offset, dimensions) / (MIDDLE - 1);
        scales[slot] = scale;
        for (int d = 0; d < dimensions; d++) {
            int code = encode(vectors[offset + d], scale);
            sums[slot] += code;
            upperSums[slot] += code >>> NIBBLE_PLANES;
            int word = (slot * words + d / Long.SIZE) * NIBBLE_PLANES;
            for (int plane = 0; plane < NIBBLE_PLANES; plane++) {
                upper[word + plane] |= bit(code, 7 - plane) << d;
                lower[word + plane] |= bit(code, 3 - plane) << d;
            }
        }
    }

    void clear(int slot) {
        int from = slot * NIBBLE_PLANES * words;
        for (int word = from; word < from + NIBBLE_PLANES * words; word++) {
            upper[word] = 0;
            lower[word] = 0;
        }
        scales[slot] = 0;
        sums[slot] = 0;
        upperSums[slot] = 0;
    }

    void copy(int slot, CompactVectors target, int targetSlot) {
        int planes = NIBBLE_PLANES * words;
        System.arraycopy(upper, slot * planes, target.upper, targetSlot * planes, planes);
        System.arraycopy(lower, slot * planes, target.lower, targetSlot * planes, planes);
        target.scales[targetSlot] = scales[slot];
        target.sums[targetSlot] = sums[slot];
        target.upperSums[targetSlot] = upperSums[slot];
    }

    /** About the product of the query and a vector, from the upper four bits of both. */
    float estimate(Query query, int slot) {
        int sum = nibbleProduct(upper, slot * NIBBLE_PLANES * words, query.scanned);
        float centred = sum
                - Query.SCAN_MIDDLE * upperSums[slot]
                - NIBBLE_MIDDLE * query.scannedSum
                + NIBBLE_MIDDLE * Query.SCAN_MIDDLE * dimensions;
        return 16 * scales[slot] * query.scannedScale * centred;
    }

    /** The product of the query and a vector, from all eight bits of both. */
    float product(Query query, int slot) {
        int from = slot * NIBBLE_PLANES * words;
        long sum = nibbleProduct(lower, from, query.lower);
        sum += (long) (nibbleProduct(upper, from, query.lower) + nibbleProduct(lower, from, query.upper)) << 4;
        sum += (long) nibbleProduct(upper, from, query.upper) << 8;
        long centred =
                sum - (long) MIDDLE * sums[slot] - (long) MIDDLE * query.exactSum + (long) MIDDLE * MIDDLE * dimensions;
        return scales[slot] * query.exactScale * (float) centred;
    }

    /** The product of a vector and the query in numbers of four bits, which {@code from} and 0 are the first planes of. */
    private static int nibbleProduct(long[] planes, int from, long[] asked) {
        int sum = 0;
        for (int i = 0; i < asked.length; i += NIBBLE_PLANES) {
            long b3 = asked[i];
            long b2 = asked[i + 1];
            long b1 = asked[i + 2];
            long b0 = asked[i + 3];
            int ofWord = planeProduct(planes[from + i], b3, b2, b1, b0);
            ofWord = 2 * ofWord + planeProduct(planes[from + i + 1], b3, b2, b1, b0);
            ofWord = 2 * ofWord + planeProduct(planes[from + i + 2], b3, b2, b1, b0);
            sum += 2 * ofWord + planeProduct(planes[from + i + 3], b3, b2, b1, b0);
        }
        return sum;
    }

    /** The sum of the query's numbers where a plane has a bit. */
    private static int planeProduct(long bits, long b3, long b2, long b1, long b0) {
        int sum = Long.bitCount(bits & b3);
        sum = 2 * sum + Long.bitCount(bits & b2);
        sum = 2 * sum + Long.bitCount(bits & b1);
        return 2 * sum + Long.bitCount(bits & b0);
    }

    long heapBytes() {
        return 112 + (long) Long.BYTES * (upper.length + lower.length) + 12L * scales.length;
    }

    private static float largest(float[] vectors, int offset, int dimensions) {
        float largest = 0;
        for (int d = offset; d < offset + dimensions; d++) {
            largest = Math.max(largest, Math.abs(vectors[d]));
        }
        return largest;
    }

    private static long bit(int code, int number) {
        return ((long) code >>> number) & 1;
    }

    private static int encode(float number, float scale) {
        return scale == 0 ? MIDDLE : Math.round(number / scale) + MIDDLE;
    }

    /** A query's vector in planes of its own: four for the scan, twice four for the exact product. */
    static final class Query {
        /**
         * A number of the scan's vector is (g − 7.5) · scale, with g of 0 to 15. The scale is such that the vector's
         * product with the query is the query's with itself, though large numbers are cut off.
         */
        private static final float SCAN_MIDDLE = 7.5f;

        /** The step that loses least of normally distributed numbers cut into 16 levels, in deviations. */
        private static final double BEST_STEP = 0.335;

        private final long[] scanned;
        private final long[] upper;
        private final long[] lower;
        private final float scannedScale;
        private final float exactScale;
        private int scannedSum;
        private int exactSum;

        Query(float[] vector) {
            int dimensions = vector.length;
            int words = words(dimensions);
            scanned = new long[NIBBLE_PLANES * words];
            upper = new long[NIBBLE_PLANES * words];
            lower = new long[NIBBLE_PLANES * words];
            exactScale = largest(vector, 0, dimensions) / (MIDDLE - 1);
            float step = (float) (BEST_STEP * deviation(vector));
            float square = 0;
            float scannedSquare = 0;
            for (int d = 0; d < dimensions; d++) {
                int code = encode(vector[d], exactScale);
                int level = level(vector[d], step);
                exactSum += code;
                scannedSum += level;
                int word = d / Long.SIZE * NIBBLE_PLANES;
                for (int plane = 0; plane < NIBBLE_PLANES; plane++) {
                    upper[word + plane] |= bit(code, 7 - plane) << d;
                    lower[word + plane] |= bit(code, 3 - plane) << d;
                    scanned[word + plane] |= bit(level, 3 - plane) << d;
                }
                square += vector[d] * vector[d];
                scannedSquare += vector[d] * (level - SCAN_MIDDLE) * step;
            }
            scannedScale = scannedSquare == 0 ? 0 : step * square / scannedSquare;
        }

        private static int level(float number, float step) {
            return step == 0 ? 0 : Math.max(0, Math.min(15, Math.round(number / step + SCAN_MIDDLE)));
        }

        private static double deviation(float[] vector) {
            double squares = 0;
            for (float number : vector) {
                squares += (double) number * number;
            }
            return Math.sqrt(squares / vector.length);
        }
    }
}
