package memfuse.cluster.process;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import memfuse.persistence.server.EmbeddedPostgres;
import memfuse.persistence.server.EmbeddedPostgresSettings;

/**
 * A PostgreSQL that the server under test does not own, at the far end of a wire: the test runs it, stops it and starts
 * it again, and the server's address of it stays the same.
 */
final class RemoteDatabase implements AutoCloseable {
    private final EmbeddedPostgresSettings settings;
    private final Wire wire;
    private EmbeddedPostgres postgres;

    private RemoteDatabase(EmbeddedPostgresSettings settings, EmbeddedPostgres postgres, Wire wire) {
        this.settings = settings;
        this.postgres = postgres;
        this.wire = wire;
    }

    static RemoteDatabase start(DataDirectory data) throws IOException {
        EmbeddedPostgresSettings settings =
                EmbeddedPostgresSettings.in(data.path()).withDistributionDirectory(Launch.binariesDirectory());
        EmbeddedPostgres postgres = EmbeddedPostgres.start(settings);
        return new RemoteDatabase(settings, postgres, new Wire(postgres.port()));
    }

    /** The launch of a server that keeps its data here. */
    Launch usedBy(Launch launch) {
        return launch.withEnvironment(
                        "MEMFUSE_JDBC_URL",
                        "jdbc:postgresql://127.0.0.1:" + wire.port() + "/postgres?prepareThreshold=0")
                .withEnvironment("MEMFUSE_JDBC_USER", postgres.user())
                .withEnvironment("MEMFUSE_JDBC_PASSWORD", postgres.password());
    }

    Wire wire() {
        return wire;
    }

    /** A connection beside the wire. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password());
    }

    /** Ends the backends of the server that are at work this moment; says how many. */
    static int terminateBusyBackends(Connection beside) throws SQLException {
        try (Statement statement = beside.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'memfuse%' AND state <> 'idle'")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Stops PostgreSQL in order; connections are refused from now on. */
    void stop() {
        wire.cut();
        postgres.close();
    }

    /** Starts PostgreSQL again, on whatever port, and mends the wire. */
    void startAgain() {
        postgres = EmbeddedPostgres.start(settings);
        wire.mend(postgres.port());
    }

    @Override
    public void close() {
        wire.close();
        postgres.close();
    }
}
