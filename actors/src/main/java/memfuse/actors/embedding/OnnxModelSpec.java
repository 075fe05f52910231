package memfuse.actors.embedding;

import java.util.List;
import java.util.stream.Collectors;

/**
 * An embedding model whose weights come inside a jar on the class path.
 *
 * @param name the name in the settings
 * @param weightsResource the ONNX graph
 * @param tokenizerResource the Hugging Face tokenizer
 * @param queryPrefix what stands before queries, and not before the texts that they are to find
 * @param maxTokens tokens the model was trained for, special ones included; longer texts are cut
 */
public record OnnxModelSpec(
        String name,
        String weightsResource,
        String tokenizerResource,
        int dimensions,
        int maxTokens,
        Pooling pooling,
        String queryPrefix) {
    /** How the vectors of a text's tokens become the text's vector. */
    public enum Pooling {
        /** The mean over the tokens of the text. */
        MEAN,
        /** The vector of the first, special token. */
        CLS
    }

    /** all-MiniLM-L6-v2, quantised to 8 bits. */
    public static final OnnxModelSpec MINILM = new OnnxModelSpec(
            "all-minilm-l6-v2-q",
            "/all-minilm-l6-v2-q.onnx",
            "/all-minilm-l6-v2-q-tokenizer.json",
            384,
            256,
            Pooling.MEAN,
            "");

    /** bge-small-en-v1.5, quantised to 8 bits: finds more, at about twice the processor time. */
    public static final OnnxModelSpec BGE_SMALL = new OnnxModelSpec(
            "bge-small-en-v15-q",
            "/bge-small-en-v1.5-q.onnx",
            "/bge-small-en-v1.5-q-tokenizer.json",
            384,
            512,
            Pooling.CLS,
            "Represent this sentence for searching relevant passages: ");

    private static final List<OnnxModelSpec> KNOWN = List.of(MINILM, BGE_SMALL);

    /** The model of that name; {@link IllegalArgumentException} with the known names where there is none. */
    public static OnnxModelSpec named(String name) {
        return KNOWN.stream()
                .filter(spec -> spec.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown embedding model: " + name + ", known: "
                        + KNOWN.stream().map(OnnxModelSpec::name).collect(Collectors.joining(", "))));
    }
}
