package memfuse.persistence.testing;

import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.persistence.database.DatabaseSettings;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A database of its own for a test class, from its construction to the end of the class.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TestDatabase POSTGRES = TestDatabase.migrated();
 * }</pre>
 *
 * <p>It is there as soon as the field is, so that other static fields can be made from its {@link #settings()}. Outside
 * of JUnit, {@link #close()} removes it.
 */
public final class TestDatabase implements AfterAllCallback, AutoCloseable {

    private static final AtomicInteger COUNT = new AtomicInteger();

    private final TestServer server;
    private final String name;

    private TestDatabase(TestServer server, String name) {
        this.server = server;
        this.name = name;
    }

    /** With the product's schema, copied from a database that was migrated once. */
    public static TestDatabase migrated() {
        TestServer server = TestServer.shared();
        return create(server, server.migratedTemplate());
    }

    /** Without any tables. */
    public static TestDatabase empty() {
        return create(TestServer.shared(), "template0");
    }

    private static TestDatabase create(TestServer server, String template) {
        String name = TestServer.TEST_PREFIX + COUNT.incrementAndGet();
        try {
            server.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new TestDatabase(server, name);
    }

    /** The product's settings for this database, with pools small enough for many tests side by side. */
    public DatabaseSettings settings() {
        return server.settings(name);
    }

    /** Breaks every connection and refuses new ones, as a server that is gone, until {@link #comeBack()}. */
    public void goAway() throws SQLException {
        server.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + name + "'");
    }

    public void comeBack() throws SQLException {
        server.execute("ALTER DATABASE " + name + " ALLOW_CONNECTIONS true");
    }

    @Override
    public void afterAll(ExtensionContext context) throws SQLException {
        close();
    }

    /** Removes the database, whoever is still connected to it. */
    @Override
    public void close() throws SQLException {
        server.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
    }
}
