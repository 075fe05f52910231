package memfuse.persistence.server;

import org.jspecify.annotations.Nullable;

/** The one failure of the embedded server: a reason to branch on and a single line that names the thing. */
public final class EmbeddedPostgresException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What kept the server from running. */
    public enum Reason {
        /** Another process holds the data directory. */
        IN_USE,
        /** A path that should be a directory is something else. */
        NOT_A_DIRECTORY,
        /** A directory or file cannot be read or written by this process or by the server's account. */
        NO_ACCESS,
        /** The path holds a character that PostgreSQL's own tools cannot take. */
        BAD_PATH,
        /** No space is left where the data is. */
        DISK_FULL,
        /** There are no binaries for this operating system and processor, or they do not run here. */
        UNSUPPORTED_PLATFORM,
        /** The cluster directory was made by another major version, or is not one. */
        WRONG_CLUSTER,
        /** This process is root and could not take on an unprivileged account. */
        NO_ACCOUNT,
        /** The server, or one of its tools, failed or did not answer in time. */
        FAILED
    }

    private final Reason reason;

    EmbeddedPostgresException(Reason reason, String message) {
        this(reason, message, null);
    }

    EmbeddedPostgresException(Reason reason, String message, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse(""), cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
