package memfuse.protocol;

import org.jspecify.annotations.Nullable;

/** The innermost cause of a failure, in one line: what the database said, or a mistake of ours. */
public final class Cause {
    private Cause() {}

    public static String of(@Nullable Throwable failure) {
        Throwable cause = failure;
        while (cause != null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause == null) {
            return "unknown cause";
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
