package memfuse.actors.embedding;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * An embedding model on ONNX Runtime: one session, one pass for all texts of a call.
 *
 * <p>A session runs on the calling thread alone (no threads of its own), so that callers decide how many cores it may
 * have. The result is the pooled token vectors, brought to unit length.
 */
public final class OnnxEmbeddingModel implements EmbeddingModel {
    /** Characters beyond which no text can matter: even a sparse text has filled the model by then. */
    private static final int CHARS_PER_TOKEN_LIMIT = 32;

    private final OnnxModelSpec spec;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;

    private OnnxEmbeddingModel(
            OnnxModelSpec spec, OrtEnvironment environment, OrtSession session, HuggingFaceTokenizer tokenizer) {
        this.spec = spec;
        this.environment = environment;
        this.session = session;
        this.tokenizer = tokenizer;
    }

    /**
     * Loads the model; takes about a second.
     *
     * @param nativeDirectory where native libraries are unpacked once and found again
     * @throws EmbeddingException when the weights are not on the class path or do not load
     */
    public static OnnxEmbeddingModel open(OnnxModelSpec spec, Path nativeDirectory) {
        NativeLibraries.unpackInto(nativeDirectory);
        try {
            OrtEnvironment environment = OrtEnvironment.getEnvironment();
            environment.setTelemetry(false);
            HuggingFaceTokenizer tokenizer = openTokenizer(spec);
            try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
                options.setIntraOpNumThreads(1);
                options.setInterOpNumThreads(1);
                options.addConfigEntry("session.intra_op.allow_spinning", "0");
                options.addConfigEntry("session.inter_op.allow_spinning", "0");
                byte[] weights = resource(spec.weightsResource());
                return new OnnxEmbeddingModel(
                        spec, environment, environment.createSession(weights, options), tokenizer);
            } catch (OrtException | IOException e) {
                tokenizer.close();
                throw e;
            }
        } catch (OrtException | IOException e) {
            throw new EmbeddingException("embedding model " + spec.name() + " does not load", e);
        }
    }

    private static HuggingFaceTokenizer openTokenizer(OnnxModelSpec spec) throws IOException {
        Map<String, String> options =
                Map.of("padding", "false", "truncation", "true", "maxLength", Integer.toString(spec.maxTokens()));
        try (InputStream in = stream(spec.tokenizerResource())) {
            return HuggingFaceTokenizer.newInstance(in, options);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = stream(name)) {
            return in.readAllBytes();
        }
    }

    private static InputStream stream(String name) throws IOException {
        InputStream in = OnnxEmbeddingModel.class.getResourceAsStream(name);
        if (in == null) {
            throw new IOException("not on the class path: " + name);
        }
        return in;
    }

    @Override
    public String name() {
        return spec.name();
    }

    @Override
    public int dimensions() {
        return spec.dimensions();
    }

    @Override
    public float[][] embed(List<String> texts) {
        if (texts.isEmpty()) {
            return new float[0][];
        }
        try {
            Encoding[] encodings = new Encoding[texts.size()];
            int maxChars = spec.maxTokens() * CHARS_PER_TOKEN_LIMIT;
            int width = 1;
            for (int i = 0; i < encodings.length; i++) {
                encodings[i] = tokenizer.encode(UnicodeText.wellFormed(texts.get(i), maxChars));
                width = Math.max(width, encodings[i].getIds().length);
            }
            return run(encodings, width);
        } catch (OrtException e) {
            throw new EmbeddingException("embedding failed: model=" + spec.name() + ", texts=" + texts.size(), e);
        }
    }

    @Override
    public float[] embedQuery(String query) {
        return embed(List.of(spec.queryPrefix() + query))[0];
    }

    private float[][] run(Encoding[] encodings, int width) throws OrtException {
        int rows = encodings.length;
        long[] ids = new long[rows * width];
        long[] mask = new long[rows * width];
        long[] types = new long[rows * width];
        for (int row = 0; row < rows; row++) {
            long[] rowIds = encodings[row].getIds();
            System.arraycopy(rowIds, 0, ids, row * width, rowIds.length);
            System.arraycopy(encodings[row].getAttentionMask(), 0, mask, row * width, rowIds.length);
            System.arraycopy(encodings[row].getTypeIds(), 0, types, row * width, rowIds.length);
        }
        long[] shape = {rows, width};
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor typeTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(types), shape);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
            FloatBuffer tokens = ((OnnxTensor) result.get(0)).getFloatBuffer();
            float[][] vectors = new float[rows][];
            for (int row = 0; row < rows; row++) {
                vectors[row] = pool(tokens, row * width, mask, width);
            }
            return vectors;
        }
    }

    /** The unit vector of the text whose token vectors begin at row {@code first} of {@code tokens}. */
    private float[] pool(FloatBuffer tokens, int first, long[] mask, int width) {
        int dimensions = spec.dimensions();
        float[] sum = new float[dimensions];
        float[] token = new float[dimensions];
        int last = spec.pooling() == OnnxModelSpec.Pooling.CLS ? 1 : width;
        for (int t = 0; t < last; t++) {
            if (mask[first + t] != 0) {
                tokens.get((first + t) * dimensions, token);
                for (int d = 0; d < dimensions; d++) {
                    sum[d] += token[d];
                }
            }
        }
        return Vectors.toUnitLength(sum);
    }

    @Override
    public void close() {
        tokenizer.close();
        try {
            session.close();
        } catch (OrtException e) {
            throw new EmbeddingException("embedding model " + spec.name() + " does not close", e);
        }
    }
}
