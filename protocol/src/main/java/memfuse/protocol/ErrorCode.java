package memfuse.protocol;

/** Why a request was refused: its HTTP status, and whether the same request may succeed when it is sent again. */
public enum ErrorCode {
    /** A value breaks a rule that the client can read in the text. */
    INVALID(400, false),
    /** The name is taken. */
    DUPLICATE(400, false),
    /** No such user, agent, session or message. */
    NOT_FOUND(404, false),
    /** The same id was sent before with other content. */
    CONFLICT(409, false),
    /** This user or session has too much under way; nothing was stored. */
    OVERLOADED(429, true),
    /** The node or its database cannot serve now; nothing is known to be stored, and a retry with ids is safe. */
    UNAVAILABLE(503, true);

    private final int httpStatus;
    private final boolean retriable;

    ErrorCode(int httpStatus, boolean retriable) {
        this.httpStatus = httpStatus;
        this.retriable = retriable;
    }

    /** The HTTP status of an answer with this code. */
    public int httpStatus() {
        return httpStatus;
    }

    /** Whether the same request may succeed later; such answers carry {@code Retry-After}. */
    public boolean retriable() {
        return retriable;
    }
}
