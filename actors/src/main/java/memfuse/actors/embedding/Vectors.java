package memfuse.actors.embedding;

/** Arithmetic on embeddings. */
public final class Vectors {
    private Vectors() {}

    /** Scales the vector to unit length in place and returns it; a zero vector stays as it is. */
    public static float[] toUnitLength(float[] vector) {
        double square = 0;
        for (float x : vector) {
            square += (double) x * x;
        }
        if (square > 0) {
            float scale = (float) (1 / Math.sqrt(square));
            for (int i = 0; i < vector.length; i++) {
                vector[i] *= scale;
            }
        }
        return vector;
    }

    /**
     * The dot product of {@code a} and the {@code a.length} floats of {@code block} from {@code offset}: the cosine,
     * for vectors of unit length. Eight sums side by side, so that the processor's vector units are used.
     */
    public static float dot(float[] a, float[] block, int offset) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        float s4 = 0;
        float s5 = 0;
        float s6 = 0;
        float s7 = 0;
        int i = 0;
        int wide = a.length - 7;
        for (; i < wide; i += 8) {
            int o = offset + i;
            s0 += a[i] * block[o];
            s1 += a[i + 1] * block[o + 1];
            s2 += a[i + 2] * block[o + 2];
            s3 += a[i + 3] * block[o + 3];
            s4 += a[i + 4] * block[o + 4];
            s5 += a[i + 5] * block[o + 5];
            s6 += a[i + 6] * block[o + 6];
            s7 += a[i + 7] * block[o + 7];
        }
        for (; i < a.length; i++) {
            s0 += a[i] * block[offset + i];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }
}
