package memfuse.actors.user;

import java.util.concurrent.CompletionException;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.memory.RoundId;
import memfuse.protocol.user.UserProtocol.Refused;
import org.jspecify.annotations.Nullable;

/** The refusals of a user's actor, with the texts that clients rely on. */
final class Refusals {
    /** Why a user who is to stop here takes nothing more. */
    static final String MOVES = "the user moves";

    private Refusals() {}

    static Refused userNotFound(String userId) {
        return new Refused(ErrorCode.NOT_FOUND, "User with ID '" + userId + "' not found", "user_id");
    }

    static Refused sessionNotFound(String sessionId) {
        return new Refused(ErrorCode.NOT_FOUND, "Session with ID '" + sessionId + "' not found", "session_id");
    }

    static Refused sessionNameTaken(String name) {
        return new Refused(ErrorCode.DUPLICATE, "Session with name '" + name + "' already exists", "name");
    }

    static Refused roundNotFound(RoundId round) {
        return new Refused(ErrorCode.NOT_FOUND, "Round with ID '" + round.text() + "' not found", "round_id");
    }

    /** More than a user can have; nothing was written. */
    static Refused tooMuchKnowledge(KnowledgeBounds bounds, KnowledgeStore.TooMuch much) {
        return new Refused(
                ErrorCode.INVALID,
                "insufficient capacity: maxItems=" + bounds.maxItems() + ", items=" + much.items() + ", maxBytes="
                        + bounds.maxBytes() + ", bytes=" + much.bytes(),
                "knowledge");
    }

    /** @param what the bound and how much is there, as {@code name=value, name=value} */
    static Refused overloaded(String what) {
        return new Refused(ErrorCode.OVERLOADED, "insufficient capacity: " + what, null);
    }

    static Refused unavailable(String why) {
        return new Refused(ErrorCode.UNAVAILABLE, why, null);
    }

    /** @param failure what the store threw */
    static Refused storeFailed(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return unavailable("the store does not answer: " + (cause == null ? "" : cause.getMessage()));
    }
}
