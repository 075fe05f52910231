package memfuse.persistence.database;

import org.jspecify.annotations.Nullable;

/** The database cannot be used: a single line that names the database and the cause. */
public final class DatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    DatabaseException(String message, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse(""), cause);
    }
}
