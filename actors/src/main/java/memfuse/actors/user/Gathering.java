package memfuse.actors.user;

import java.util.function.Consumer;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/** Answers to one question that several were asked; whoever waits hears when they are complete. Not thread-safe. */
final class Gathering {
    private final Consumer<@Nullable Refused> onComplete;
    private int missing;
    private @Nullable Refused refusal;

    /** @param onComplete is called once, with a refusal where there was any; at once where nobody was asked */
    Gathering(int asked, Consumer<@Nullable Refused> onComplete) {
        this.onComplete = onComplete;
        this.missing = asked;
        completeIfNoneIsMissing();
    }

    void add(@Nullable Reply reply) {
        if (reply instanceof Refused refused) {
            refusal = refused;
        }
        missing--;
        completeIfNoneIsMissing();
    }

    private void completeIfNoneIsMissing() {
        if (missing == 0) {
            onComplete.accept(refusal);
        }
    }
}
