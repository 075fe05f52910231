package memfuse.actors.embedding;

import java.util.List;

/**
 * Turns texts into vectors of unit length. Blocking and thread-safe.
 *
 * <p>The vector of a model in this process is its text's own, whatever is embedded in the same call (ADR 10); what an endpoint
 * makes of the texts of a request is its own matter.
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
