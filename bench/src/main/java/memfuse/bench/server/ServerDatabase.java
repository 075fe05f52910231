package memfuse.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/** The embedded PostgreSQL of a running server, reached as its owner does. */
public final class ServerDatabase implements AutoCloseable {
    private static final String NAME = "memfuse-bench";

    private final String url;
    private final Properties properties = new Properties();
    private final long postmasterPid;
    private final Connection connection;

    private ServerDatabase(Path serverDirectory) throws IOException, SQLException {
        List<String> lines = Files.readAllLines(serverDirectory.resolve("cluster/postmaster.pid"));
        postmasterPid = Long.parseLong(lines.get(0).strip());
        url = "jdbc:postgresql://127.0.0.1:" + lines.get(3).strip() + "/postgres";
        properties.setProperty("user", "memfuse");
        properties.setProperty(
                "password",
                Files.readString(serverDirectory.resolve("password")).strip());
        properties.setProperty("ApplicationName", NAME);
        connection = connect();
    }

    /** Of a server that runs. */
    public static ServerDatabase of(MemFuseServer server) throws IOException, SQLException {
        return new ServerDatabase(server.dataDirectory().resolve("postgres"));
    }

    /** Another connection, the caller's own. */
    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url, properties);
    }

    public void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The number a query gives. */
    public long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    public String version() throws SQLException {
        return connection.getMetaData().getDatabaseProductVersion();
    }

    public long postmasterPid() {
        return postmasterPid;
    }

    /** What each of PostgreSQL's processes is for, by its pid: a client's name, or what it calls itself. */
    public Map<Long, String> processes() throws SQLException {
        Map<Long, String> processes = new HashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT pid, CASE WHEN backend_type = 'client backend'"
                        + " THEN application_name ELSE backend_type END FROM pg_stat_activity")) {
            while (rows.next()) {
                processes.put(rows.getLong(1), rows.getString(2));
            }
        }
        return processes;
    }

    /** Rounds that are journaled and not yet in the layers. */
    public long unflushedRounds() throws SQLException {
        return number("SELECT count(*) FROM event_journal WHERE adapter_manifest = '' AND NOT deleted");
    }

    /** Memory units that wait for their vectors. */
    public long pendingUnits() throws SQLException {
        return number("SELECT count(*) FROM memory_units WHERE pending_since IS NOT NULL");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
