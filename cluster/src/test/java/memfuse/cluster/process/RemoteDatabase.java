package memfuse.cluster.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import memfuse.persistence.server.EmbeddedPostgres;
import memfuse.persistence.server.EmbeddedPostgresSettings;

/**
 * A PostgreSQL that the server under test does not own, at the far end of a wire: the test runs it, stops it and starts
 * it again, and the server's address of it stays the same.
 */
final class RemoteDatabase implements AutoCloseable {
    private final EmbeddedPostgresSettings settings;
    private final Wire wire;
    private final List<ServerSocket> deadAddresses = new ArrayList<>();
    private EmbeddedPostgres postgres;

    private RemoteDatabase(EmbeddedPostgresSettings settings, EmbeddedPostgres postgres, Wire wire) {
        this.settings = settings;
        this.postgres = postgres;
        this.wire = wire;
    }

    static RemoteDatabase start(DataDirectory data) throws IOException {
        return start(data, InetAddress.getLoopbackAddress(), Map.of());
    }

    /** Reached at an address of this machine. */
    static RemoteDatabase start(DataDirectory data, InetAddress address) throws IOException {
        return start(data, address, Map.of());
    }

    /** With parameters of PostgreSQL. */
    static RemoteDatabase start(DataDirectory data, Map<String, String> parameters) throws IOException {
        return start(data, InetAddress.getLoopbackAddress(), parameters);
    }

    private static RemoteDatabase start(DataDirectory data, InetAddress address, Map<String, String> parameters)
            throws IOException {
        EmbeddedPostgresSettings settings =
                EmbeddedPostgresSettings.in(data.path()).withDistributionDirectory(Launch.binariesDirectory());
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            settings = settings.withParameter(parameter.getKey(), parameter.getValue());
        }
        EmbeddedPostgres postgres = EmbeddedPostgres.start(settings);
        return new RemoteDatabase(settings, postgres, new Wire(postgres.port(), address));
    }

    /** The launch of a server that keeps its data here. */
    Launch usedBy(Launch launch) {
        return launch.withEnvironment(
                        "MEMFUSE_JDBC_URL",
                        "jdbc:postgresql://" + wire.host() + ":" + wire.port() + "/postgres?prepareThreshold=0")
                .withEnvironment("MEMFUSE_JDBC_USER", postgres.user())
                .withEnvironment("MEMFUSE_JDBC_PASSWORD", postgres.password());
    }

    Wire wire() {
        return wire;
    }

    /** A connection beside the wire. */
    Connection connect() throws SQLException {
        return DriverManager.getConnection(jdbcUrl(), user(), password());
    }

    /** Its address beside the wire. */
    String jdbcUrl() {
        return postgres.jdbcUrl();
    }

    String user() {
        return postgres.user();
    }

    String password() {
        return postgres.password();
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

    /** Ends all connections of servers under test; says how many. */
    static int terminateBackends(Connection beside) throws SQLException {
        try (Statement statement = beside.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE application_name LIKE 'memfuse%'")) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /** Restarts PostgreSQL as an operator does: its connections are ended, and new ones refused until it is back. */
    void restart() {
        postgres.close();
        startAgain();
    }

    /**
     * Stops PostgreSQL and starts it on another port, to which the wire leads then. Who still calls the old one is let
     * in, and never answered.
     */
    void move() throws IOException {
        int old = postgres.port();
        postgres.close();
        deadAddresses.add(new ServerSocket(old, 200, InetAddress.getLoopbackAddress()));
        startAgain();
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
        try {
            for (ServerSocket dead : deadAddresses) {
                dead.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
