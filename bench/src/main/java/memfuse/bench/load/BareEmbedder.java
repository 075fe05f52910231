package memfuse.bench.load;

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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The measure of embedding: the tokenizer and a session of ONNX Runtime with nothing around them, on the weights that
 * the server uses. Texts are sorted by their length, which is the best a batch can get.
 */
final class BareEmbedder implements AutoCloseable {
    private static final String WEIGHTS = "/all-minilm-l6-v2-q.onnx";
    private static final String TOKENIZER = "/all-minilm-l6-v2-q-tokenizer.json";
    private static final int DIMENSIONS = 384;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;

    BareEmbedder() throws IOException, OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
                InputStream weights = open(WEIGHTS);
                InputStream words = open(TOKENIZER)) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            session = environment.createSession(weights.readAllBytes(), options);
            tokenizer = HuggingFaceTokenizer.newInstance(words, Map.of("padding", "false", "truncation", "true"));
        }
    }

    /** Embeds all texts in batches of that size; something of every vector, so that none is left out. */
    double embed(List<String> texts, int batchSize) throws OrtException {
        List<Encoding> encodings = new ArrayList<>();
        for (String text : texts) {
            encodings.add(tokenizer.encode(text));
        }
        encodings.sort(Comparator.comparingInt(encoding -> encoding.getIds().length));
        double sum = 0;
        for (int i = 0; i < encodings.size(); i += batchSize) {
            sum += run(encodings.subList(i, Math.min(encodings.size(), i + batchSize)));
        }
        return sum;
    }

    private double run(List<Encoding> batch) throws OrtException {
        int width = batch.get(batch.size() - 1).getIds().length;
        long[] ids = new long[batch.size() * width];
        long[] mask = new long[batch.size() * width];
        for (int row = 0; row < batch.size(); row++) {
            long[] rowIds = batch.get(row).getIds();
            System.arraycopy(rowIds, 0, ids, row * width, rowIds.length);
            System.arraycopy(batch.get(row).getAttentionMask(), 0, mask, row * width, rowIds.length);
        }
        long[] shape = {batch.size(), width};
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(ids), shape);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                OnnxTensor typeTensor =
                        OnnxTensor.createTensor(environment, LongBuffer.wrap(new long[ids.length]), shape);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
            return pool(((OnnxTensor) result.get(0)).getFloatBuffer(), mask, batch.size(), width);
        }
    }

    /** The first number of the mean of each text's token vectors, added up; all of the mean is made. */
    private static double pool(FloatBuffer tokens, long[] mask, int rows, int width) {
        double sum = 0;
        float[] token = new float[DIMENSIONS];
        for (int row = 0; row < rows; row++) {
            float[] mean = new float[DIMENSIONS];
            for (int t = 0; t < width; t++) {
                if (mask[row * width + t] != 0) {
                    tokens.get((row * width + t) * DIMENSIONS, token);
                    for (int d = 0; d < DIMENSIONS; d++) {
                        mean[d] += token[d];
                    }
                }
            }
            sum += mean[0];
        }
        return sum;
    }

    private static InputStream open(String resource) throws IOException {
        InputStream in = BareEmbedder.class.getResourceAsStream(resource);
        if (in == null) {
            throw new IOException("not on the class path: " + resource);
        }
        return in;
    }

    @Override
    public void close() throws OrtException {
        tokenizer.close();
        session.close();
    }
}
