package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import memfuse.protocol.store.ModelStore;
import org.jspecify.annotations.Nullable;

/**
 * The model of the vectors in PostgreSQL. What is marked loses its old vector, which nobody can use; the next session or
 * user to look through is kept in the row that all nodes lock, so that each is looked through once.
 */
public final class PostgresModelStore implements ModelStore {
    private static final String NONE = "none";

    /** Looked through in one transaction. */
    private static final int AT_A_TIME = 16;

    private final Transactions transactions;
    private final String model;
    private final int dimensions;

    /** @param model as it is written beside vectors; null where there is none */
    public PostgresModelStore(DataSource dataSource, @Nullable String model, int dimensions) {
        transactions = new Transactions(dataSource, Transactions.AS_CONNECTED);
        this.model = model == null ? NONE : model;
        this.dimensions = dimensions;
    }

    private record State(String sessionsUpTo, String usersUpTo, boolean adopted) {}

    @Override
    public Adoption adoptNext() {
        return transactions.together("looking for vectors of other models", connection -> {
            State state = state(connection);
            if (state.adopted()) {
                return new Adoption(0, true);
            }
            List<String> sessions = next(connection, "sessions", state.sessionsUpTo());
            if (!sessions.isEmpty()) {
                int marked = mark(connection, "memory_units", sessions);
                advance(connection, "sessions_up_to", sessions);
                return new Adoption(marked, false);
            }
            List<String> users = next(connection, "users", state.usersUpTo());
            if (!users.isEmpty()) {
                int marked = mark(connection, "knowledge_units", users);
                advance(connection, "users_up_to", users);
                return new Adoption(marked, false);
            }
            try (PreparedStatement statement =
                    connection.prepareStatement("UPDATE embedding_model SET adopted = TRUE")) {
                statement.executeUpdate();
            }
            return new Adoption(0, true);
        });
    }

    /** How far the adoption of this node's model is, with the row locked. */
    private State state(Connection connection) throws SQLException {
        boolean nothingToDo = model.equals(NONE);
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO embedding_model (name, dimensions, adopted) VALUES (?, ?, ?)
                ON CONFLICT (one) DO UPDATE SET name = excluded.name, dimensions = excluded.dimensions,
                    adopted = excluded.adopted, sessions_up_to = '', users_up_to = ''
                WHERE embedding_model.name <> excluded.name
                    OR embedding_model.dimensions <> excluded.dimensions""")) {
            statement.setString(1, model);
            statement.setInt(2, dimensions);
            statement.setBoolean(3, nothingToDo);
            statement.executeUpdate();
        }
        try (PreparedStatement statement = connection.prepareStatement(
                        "SELECT sessions_up_to, users_up_to, adopted FROM embedding_model FOR UPDATE");
                ResultSet row = statement.executeQuery()) {
            row.next();
            return new State(row.getString(1), row.getString(2), row.getBoolean(3));
        }
    }

    /** Locks the next sessions or users, as everybody does who writes units of theirs. */
    private static List<String> next(Connection connection, String table, String after) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id FROM " + table + " WHERE id > ? ORDER BY id LIMIT ? FOR NO KEY UPDATE")) {
            statement.setString(1, after);
            statement.setInt(2, AT_A_TIME);
            List<String> ids = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    ids.add(rows.getString(1));
                }
            }
            return ids;
        }
    }

    private int mark(Connection connection, String table, List<String> ids) throws SQLException {
        String ofTheirs = table.equals("memory_units")
                ? "FROM sessions s WHERE s.id = ANY (?) AND u.user_id = s.user_id AND u.session_id = s.id"
                : "WHERE u.user_id = ANY (?)";
        try (PreparedStatement statement = connection.prepareStatement("UPDATE " + table
                + " u SET vector = NULL, model = NULL, pending_since = ? " + ofTheirs
                + " AND u.pending_since IS NULL AND u.model IS DISTINCT FROM ?")) {
            statement.setObject(1, Timestamps.parameter(Instant.now()));
            statement.setArray(2, connection.createArrayOf("text", ids.toArray()));
            statement.setString(3, model);
            return statement.executeUpdate();
        }
    }

    private static void advance(Connection connection, String column, List<String> ids) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("UPDATE embedding_model SET " + column + " = ?")) {
            statement.setString(1, ids.get(ids.size() - 1));
            statement.executeUpdate();
        }
    }

    @Override
    public long pendingUnits() {
        return transactions.together("counting pending units", connection -> {
            try (PreparedStatement statement = connection.prepareStatement("""
                            SELECT (SELECT count(*) FROM memory_units WHERE pending_since IS NOT NULL)
                                + (SELECT count(*) FROM knowledge_units WHERE pending_since IS NOT NULL)""");
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        });
    }
}
