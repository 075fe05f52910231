package memfuse.cluster.process;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Others who take all connections that a PostgreSQL has left, and give them back. */
final class Hoard implements AutoCloseable {
    private static final String NO_CONNECTION_LEFT = "53300";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final RemoteDatabase database;
    private final List<Connection> taken = new ArrayList<>();

    Hoard(RemoteDatabase database) {
        this.database = database;
    }

    /** Takes what is left. */
    void takeAll() throws SQLException {
        try {
            while (true) {
                taken.add(database.connect());
            }
        } catch (SQLException refused) {
            if (!NO_CONNECTION_LEFT.equals(refused.getSQLState())) {
                throw refused;
            }
        }
    }

    /**
     * Takes those of the server under test as well: they are ended, and whoever is faster has them, until all are taken.
     * A connection that has ended gives its place free a little later, so those that are left are not a measure.
     */
    void takeFromTheServer() throws SQLException {
        takeAll();
        Connection beside = taken.get(0);
        int all = mostConnections(beside);
        Await.until("no connection is left to the server", LIMIT, () -> {
            RemoteDatabase.terminateBackends(beside);
            takeAll();
            return taken.size() == all;
        });
    }

    private static int mostConnections(Connection beside) throws SQLException {
        try (Statement statement = beside.createStatement();
                ResultSet row = statement.executeQuery("SHOW max_connections")) {
            row.next();
            return row.getInt(1);
        }
    }

    int size() {
        return taken.size();
    }

    @Override
    public void close() throws SQLException {
        giveBack();
    }

    /** Gives all back. */
    void giveBack() throws SQLException {
        for (Connection connection : taken) {
            connection.close();
        }
        taken.clear();
    }
}
