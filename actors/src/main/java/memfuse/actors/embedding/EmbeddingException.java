package memfuse.actors.embedding;

import org.jspecify.annotations.Nullable;

/** A text has no vector: the model failed on it, the queue was closed or too many queries were waiting. */
public final class EmbeddingException extends RuntimeException {
    private final boolean ofModel;

    public EmbeddingException(String message) {
        super(message);
        ofModel = false;
    }

    public EmbeddingException(String message, @Nullable Throwable cause) {
        super(message, cause);
        ofModel = false;
    }

    private EmbeddingException(String message, boolean ofModel) {
        super(message);
        this.ofModel = ofModel;
    }

    /** The model cannot be had for now, whatever the texts are: there is no use in trying them one by one. */
    public static EmbeddingException unavailable(String message) {
        return new EmbeddingException(message, true);
    }

    /** Whether other texts would have failed as well. */
    public boolean isOfModel() {
        return ofModel;
    }
}
