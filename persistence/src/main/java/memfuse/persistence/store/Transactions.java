package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;
import memfuse.protocol.store.StoreException;

/**
 * Runs work on the pool's connections, and makes a {@link StoreException} of what the database reports.
 *
 * <p>In a transaction, a statement that takes longer than the timeout, waiting for locks included, is ended by the
 * server. Its plans go by the indexes alone: the statistics of a table that has just grown from nothing would have them
 * read all of it. So nothing is gained by a plan for each execution, and a connection plans a statement once.
 */
final class Transactions {
    /** The timeout that the connections of the pool begin with. */
    static final Duration AS_CONNECTED = Duration.ZERO;

    private final DataSource dataSource;
    private final String preamble;

    Transactions(DataSource dataSource, Duration statementTimeout) {
        this.dataSource = dataSource;
        String timeout =
                statementTimeout.isZero() ? "" : "SET LOCAL statement_timeout = " + statementTimeout.toMillis() + "; ";
        preamble = timeout
                + "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_sort = off;"
                + " SET LOCAL plan_cache_mode = force_generic_plan";
    }

    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /** Runs statements that each stand for themselves. */
    <T> T each(String what, Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(true);
            return work.on(connection);
        } catch (SQLException e) {
            throw failed(what, e);
        }
    }

    /** Runs one transaction; it is rolled back where the work throws. */
    <T> T together(String what, Work<T> work) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute(preamble);
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                rollBack(connection, e);
                throw e;
            }
        } catch (SQLException e) {
            throw failed(what, e);
        }
    }

    private static void rollBack(Connection connection, Throwable cause) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    /** One line: the details that follow in the server's message may hold what users stored. */
    private static StoreException failed(String what, SQLException e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new StoreException(what + ": " + message + " [" + e.getSQLState() + "]", e);
    }
}
