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
 * An embedding model on ONNX Runtime: one session, one pass for each text. The weights are quantised, and scale numbers by
 * the largest of a pass: in a pass with others, a text's vector would depend on them (ADR 10).
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
        return texts.stream().map(this::embed).toArray(float[][]::new);
    }

    @Override
    public float[] embedQuery(String query) {
        return embed(spec.queryPrefix() + query);
    }

    private float[] embed(String text) {
        int maxChars = spec.maxTokens() * CHARS_PER_TOKEN_LIMIT;
        try {
            return run(tokenizer.encode(UnicodeText.wellFormed(text, maxChars)));
        } catch (OrtException e) {
            throw new EmbeddingException("embedding failed: model=" + spec.name(), e);
        }
    }

    private float[] run(Encoding encoding) throws OrtException {
        int tokens = encoding.getIds().length;
        try (OnnxTensor ids = row(encoding.getIds());
                OnnxTensor mask = row(encoding.getAttentionMask());
                OnnxTensor types = row(encoding.getTypeIds());
                OrtSession.Result result =
                        session.run(Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
            return pool(((OnnxTensor) result.get(0)).getFloatBuffer(), tokens);
        }
    }

    /** A tensor of shape (1, tokens). */
    private OnnxTensor row(long[] values) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), new long[] {1, values.length});
    }

    /** The unit vector of a text with these token vectors, of shape (tokens, dimensions). */
    private float[] pool(FloatBuffer vectors, int tokens) {
        int dimensions = spec.dimensions();
        float[] sum = new float[dimensions];
        float[] token = new float[dimensions];
        int pooled = spec.pooling() == OnnxModelSpec.Pooling.CLS ? 1 : tokens;
        for (int t = 0; t < pooled; t++) {
            vectors.get(t * dimensions, token);
            for (int d = 0; d < dimensions; d++) {
                sum[d] += token[d];
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
