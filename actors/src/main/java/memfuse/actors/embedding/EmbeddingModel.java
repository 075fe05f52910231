package memfuse.actors.embedding;

import java.util.List;

/**
 * Turns texts into vectors of unit length. Blocking and thread-safe.
 *
 * <p>A text's vector may depend slightly on the texts beside it in a call (quantised weights); the same call gives the
 * same vectors.
 */
public interface EmbeddingModel extends AutoCloseable {
    /** The name the model is chosen by in the settings, and stored beside vectors. */
    String name();

    /** Floats of a vector. */
    int dimensions();

    /**
     * The vectors of the texts, in their order. Any text is accepted, also an empty one; of a very long one only the
     * beginning counts.
     *
     * @throws EmbeddingException when the model fails
     */
    float[][] embed(List<String> texts);

    /**
     * The vector of a query; models that were trained so read it differently from the texts it is to find.
     *
     * @throws EmbeddingException when the model fails
     */
    default float[] embedQuery(String query) {
        return embed(List.of(query))[0];
    }

    @Override
    void close();
}
