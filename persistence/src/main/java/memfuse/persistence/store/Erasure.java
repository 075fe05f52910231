package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.session.SessionProtocol;

/**
 * The removal of a session or a user, in the transaction of the connection it is given.
 *
 * <p>The sessions' rows go first, as everybody who writes rows of a session locks that one: a flush under way ends
 * before, and a later one finds the session gone.
 */
final class Erasure {
    /** Sessions of a statement, so that none takes too long however many a user has. */
    private static final int SESSIONS_AT_A_TIME = 100;

    private final Connection connection;

    Erasure(Connection connection) {
        this.connection = connection;
    }

    void session(String userId, String sessionId) throws SQLException {
        List<String> owners = strings("SELECT user_id FROM sessions WHERE id = ? FOR UPDATE", sessionId);
        if (owners.isEmpty() || owners.contains(userId)) {
            erase(userId, List.of(sessionId));
        }
    }

    void user(String userId) throws SQLException {
        strings("SELECT id FROM users WHERE id = ? FOR UPDATE", userId); // against new sessions and knowledge
        List<String> sessionIds = strings("SELECT id FROM sessions WHERE user_id = ? ORDER BY id FOR UPDATE", userId);
        for (int from = 0; from < sessionIds.size(); from += SESSIONS_AT_A_TIME) {
            erase(userId, sessionIds.subList(from, Math.min(from + SESSIONS_AT_A_TIME, sessionIds.size())));
        }
        new KnowledgeRows(connection, userId).erase();
        PostgresKeyStore.deleteAll(connection, userId);
        Statements.execute(connection, "DELETE FROM users WHERE id = ?", userId);
    }

    private void erase(String userId, List<String> sessionIds) throws SQLException {
        List<String> persistenceIds =
                sessionIds.stream().map(SessionProtocol::persistenceId).toList();
        delete("DELETE FROM sessions WHERE id = ANY (?)", sessionIds);
        delete("DELETE FROM messages WHERE session_id = ANY (?)", sessionIds);
        delete("DELETE FROM append_answers WHERE session_id = ANY (?)", sessionIds);
        delete("DELETE FROM event_journal WHERE persistence_id = ANY (?)", persistenceIds);
        delete("DELETE FROM snapshot WHERE persistence_id = ANY (?)", persistenceIds);
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM memory_units WHERE user_id = ? AND session_id = ANY (?)")) {
            statement.setString(1, userId);
            statement.setArray(2, connection.createArrayOf("text", sessionIds.toArray()));
            statement.executeUpdate();
        }
    }

    private void delete(String sql, List<String> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new RowArrays<>(statement, ids).texts(id -> id);
            statement.executeUpdate();
        }
    }

    private List<String> strings(String sql, String parameter) throws SQLException {
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
        }
        return found;
    }
}
