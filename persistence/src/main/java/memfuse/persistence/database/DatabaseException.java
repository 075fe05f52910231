package memfuse.persistence.database;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The database cannot be used: a single line that names the database and the cause. */
public final class DatabaseException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** SQL states of the server: it starts or stops, it has no connection left. */
    private static final Set<String> PASSING = Set.of("57P01", "57P02", "57P03", "53300");

    /** The class of SQL states that tell of a connection that cannot be had, or has broken. */
    private static final String CONNECTION = "08";

    DatabaseException(String message, @Nullable Throwable cause) {
        super(message.lines().findFirst().orElse(""), cause);
    }

    /**
     * Whether the same may succeed in a while without anybody changing a setting: the server is not reached, starts or
     * has no connection left.
     */
    public boolean isPassing() {
        for (Throwable cause = getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException refused) {
                String state = String.valueOf(refused.getSQLState());
                return PASSING.contains(state) || state.startsWith(CONNECTION);
            }
        }
        return false;
    }
}
