package memfuse.persistence.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the database server from time to time over a connection of its own and remembers what it saw.
 *
 * <p>Of its own, so that a busy pool is not taken for a dead server, and asking takes no connection from anybody. One
 * daemon thread does all of it; the connection is opened anew after every failure.
 */
final class HealthCheck implements AutoCloseable {

    private final DatabaseSettings settings;
    private final Clock clock;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile DatabaseHealth latest;
    private volatile @Nullable Connection connection;

    private HealthCheck(DatabaseSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.latest = new DatabaseHealth(true, clock.instant(), Duration.ZERO, "");
    }

    /** Starts with a server that has just answered. */
    static HealthCheck start(DatabaseSettings settings, Clock clock) {
        HealthCheck check = new HealthCheck(settings, clock);
        Thread thread = new Thread(check::run, "database-health");
        thread.setDaemon(true);
        thread.start();
        return check;
    }

    DatabaseHealth latest() {
        return latest;
    }

    @Override
    public void close() {
        closed.countDown();
        disconnect();
    }

    private void run() {
        try {
            do {
                latest = look();
            } while (!closed.await(settings.healthCheckInterval().toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            disconnect();
        }
    }

    private DatabaseHealth look() {
        long startedNanos = System.nanoTime();
        String problem = "";
        try {
            Connection open = connection;
            if (open == null) {
                open = connect();
                connection = open;
            }
            if (!open.isValid((int) Math.max(1, settings.connectionTimeout().toSeconds()))) {
                problem = "the server does not answer";
                disconnect();
            }
        } catch (SQLException e) {
            problem = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            disconnect();
        }
        Instant now = clock.instant();
        return new DatabaseHealth(problem.isEmpty(), now, Duration.ofNanos(System.nanoTime() - startedNanos), problem);
    }

    private Connection connect() throws SQLException {
        Properties properties = settings.driverProperties("memfuse-health");
        properties.setProperty("user", settings.user());
        properties.setProperty("password", settings.password());
        properties.setProperty(
                "socketTimeout",
                Long.toString(Math.max(1, settings.connectionTimeout().toSeconds())));
        return DriverManager.getConnection(settings.jdbcUrl(), properties);
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // A connection that cannot be closed is closed already.
            }
        }
    }
}
