package memfuse.actors.user;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** Where queries get their embedding from. Thread-safe. */
public interface QueryEmbedder {
    /** The embedding of a user's query, completed on any thread; empty where there is no model. */
    Optional<CompletionStage<float[]>> embed(String userId, String query);

    /** Keeps nothing of any query before: whoever asked one of them may have been erased. */
    void forget();
}
