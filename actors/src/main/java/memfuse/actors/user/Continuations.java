package memfuse.actors.user;

import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Brings the end of work that went on elsewhere back to where it was started: an actor's own thread. */
interface Continuations {
    /** Calls {@code next} with the result, or with null and the failure. */
    <T> void then(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next);
}
