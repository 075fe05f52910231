package memfuse.actors.embedding;

import org.jspecify.annotations.Nullable;

/** A text has no vector: the model failed on it, the queue was closed or too many queries were waiting. */
public final class EmbeddingException extends RuntimeException {
    public EmbeddingException(String message) {
        super(message);
    }

    public EmbeddingException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
