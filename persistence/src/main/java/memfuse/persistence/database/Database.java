package memfuse.persistence.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool.PoolInitializationException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import javax.sql.DataSource;

/**
 * One PostgreSQL database as the layers use it: a pool of open connections and the cached health of the server.
 *
 * <p>It owns both, from {@link #open} to {@link #close}. Waits for a connection end after the settings'
 * {@code connectionTimeout} with an {@link SQLException}, and statements are ended by the server before the driver would
 * take it for dead. Safe for use by several threads.
 */
public final class Database implements AutoCloseable {

    private static final int OLDEST_SERVER = 14;

    private final DatabaseSettings settings;
    private final LayerPool pool;
    private final HealthCheck healthCheck;

    private Database(DatabaseSettings settings, LayerPool pool, HealthCheck healthCheck) {
        this.settings = settings;
        this.pool = pool;
        this.healthCheck = healthCheck;
    }

    /**
     * Connects and checks that the server will do; returns while the pool opens the rest of its connections, which takes
     * it about 30 ms each.
     *
     * @throws DatabaseException when the server cannot be reached, refuses the user, is too old or is not in UTF-8
     */
    public static Database open(DatabaseSettings settings) {
        LayerPool pool;
        try {
            pool = new LayerPool(new HikariDataSource(poolOf(settings)), System::nanoTime);
        } catch (PoolInitializationException e) {
            throw cannotUse(settings, e.getCause() == null ? e : e.getCause());
        }
        try {
            requireSuitableServer(settings, pool);
            return new Database(settings, pool, HealthCheck.start(settings, Clock.systemUTC()));
        } catch (SQLException e) {
            pool.close();
            throw cannotUse(settings, e);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    public DatabaseSettings settings() {
        return settings;
    }

    /** The pool. Its connections commit each statement by itself until told otherwise. */
    public DataSource dataSource() {
        return pool;
    }

    /** How the pool is used now. */
    public PoolState poolState() {
        return pool.state();
    }

    /** What the last look at the server found; never waits. */
    public DatabaseHealth health() {
        return healthCheck.latest();
    }

    @Override
    public void close() {
        healthCheck.close();
        pool.close();
    }

    private static HikariConfig poolOf(DatabaseSettings settings) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("memfuse-layers");
        config.setJdbcUrl(settings.jdbcUrl());
        config.setUsername(settings.user());
        config.setPassword(settings.password());
        config.setMaximumPoolSize(settings.layerPoolSize());
        config.setMinimumIdle(settings.layerPoolSize());
        config.setConnectionTimeout(settings.connectionTimeout().toMillis());
        config.setInitializationFailTimeout(settings.connectionTimeout().toMillis());
        config.setConnectionInitSql(settings.connectionSetup());
        config.setDataSourceProperties(settings.driverProperties("memfuse-layers"));
        return config;
    }

    private static void requireSuitableServer(DatabaseSettings settings, DataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SHOW server_encoding")) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST_SERVER) {
                throw new DatabaseException(
                        settings.displayUrl() + " is PostgreSQL " + version + "; " + OLDEST_SERVER + " is the oldest"
                                + " that works",
                        null);
            }
            if (!row.next() || !row.getString(1).equals("UTF8")) {
                throw new DatabaseException(
                        settings.displayUrl() + " does not store text in UTF-8: server_encoding=" + row.getString(1),
                        null);
            }
        }
    }

    private static DatabaseException cannotUse(DatabaseSettings settings, Throwable cause) {
        return new DatabaseException(
                "cannot use " + settings.displayUrl() + " as " + settings.user() + ": " + cause.getMessage(), cause);
    }
}
