package memfuse.persistence.database;

import com.zaxxer.hikari.HikariDataSource;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * The layers' connections, which refuses at once while it has none to give: when somebody has waited for one in vain,
 * those who come in the next moment get one that is idle or none.
 *
 * <p>Otherwise whoever needs the database in an outage, or while statements hang, would wait for the whole timeout one
 * behind the other, and what waits would grow. The first connection that is given out ends the refusals. Thread-safe.
 */
final class LayerPool implements DataSource, AutoCloseable {
    /** How long others are refused at once after one has waited in vain; then one may wait again. */
    static final Duration REFUSALS = Duration.ofSeconds(1);

    private final HikariDataSource pool;
    private final LongSupplier nanoTime;
    private final LongAdder refused = new LongAdder();
    private volatile boolean exhausted;
    private volatile long refuseUntilNanos;

    /** @param nanoTime the time that passes, as {@link System#nanoTime()} */
    LayerPool(HikariDataSource pool, LongSupplier nanoTime) {
        this.pool = pool;
        this.nanoTime = nanoTime;
    }

    @Override
    public Connection getConnection() throws SQLException {
        if (exhausted
                && nanoTime.getAsLong() - refuseUntilNanos < 0
                && pool.getHikariPoolMXBean().getIdleConnections() == 0) {
            refused.increment();
            throw new SQLTransientConnectionException(pool.getPoolName() + " has no connection to give", "08000");
        }
        try {
            Connection connection = pool.getConnection();
            if (exhausted) {
                exhausted = false;
            }
            return connection;
        } catch (SQLException e) {
            refused.increment();
            refuseUntilNanos = nanoTime.getAsLong() + REFUSALS.toNanos();
            exhausted = true;
            throw e;
        }
    }

    PoolState state() {
        var now = pool.getHikariPoolMXBean();
        return new PoolState(
                now.getActiveConnections(),
                now.getIdleConnections(),
                now.getThreadsAwaitingConnection(),
                refused.sum());
    }

    @Override
    public void close() {
        pool.close();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("all connections are of one user");
    }

    @Override
    public PrintWriter getLogWriter() throws SQLException {
        return pool.getLogWriter();
    }

    @Override
    public void setLogWriter(PrintWriter out) throws SQLException {
        pool.setLogWriter(out);
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        pool.setLoginTimeout(seconds);
    }

    @Override
    public int getLoginTimeout() throws SQLException {
        return pool.getLoginTimeout();
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("it logs by SLF4J");
    }

    @Override
    public <T> T unwrap(Class<T> wanted) throws SQLException {
        return pool.unwrap(wanted);
    }

    @Override
    public boolean isWrapperFor(Class<?> wanted) throws SQLException {
        return pool.isWrapperFor(wanted);
    }
}
