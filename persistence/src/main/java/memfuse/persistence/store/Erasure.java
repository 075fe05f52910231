package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.protocol.session.SessionProtocol;

/**
 * The removal of a session or a user with its receipt, in the transaction of the connection it is given.
 *
 * <p>The sessions' rows go first, as everybody who writes rows of a session locks that one: a flush under way ends
 * before, and a later one finds the session gone.
 */
final class Erasure {
    /** Sessions of a statement, so that none takes too long however many a user has. */
    private static final int SESSIONS_AT_A_TIME = 100;

    private final Connection connection;

    /** Rows that were removed, by layer. */
    private final Map<String, Long> counts = new LinkedHashMap<>();

    Erasure(Connection connection) {
        this.connection = connection;
    }

    void session(String userId, String sessionId) throws SQLException {
        List<String> owners = strings("SELECT user_id FROM sessions WHERE id = ? FOR UPDATE", sessionId);
        if (owners.isEmpty() || owners.contains(userId)) {
            erase(userId, List.of(sessionId));
            writeReceipt(sessionId, "session", userId);
        }
    }

    void user(String userId) throws SQLException {
        strings("SELECT id FROM users WHERE id = ? FOR UPDATE", userId); // against new sessions and knowledge
        List<String> sessionIds = strings("SELECT id FROM sessions WHERE user_id = ? ORDER BY id FOR UPDATE", userId);
        for (int from = 0; from < sessionIds.size(); from += SESSIONS_AT_A_TIME) {
            erase(userId, sessionIds.subList(from, Math.min(from + SESSIONS_AT_A_TIME, sessionIds.size())));
        }
        count("knowledge", new KnowledgeRows(connection, userId).erase());
        count("api_keys", PostgresKeyStore.deleteAll(connection, userId));
        count("imports", Statements.execute(connection, "DELETE FROM imports WHERE user_id = ?", userId));
        count("users", Statements.execute(connection, "DELETE FROM users WHERE id = ?", userId));
        writeReceipt(userId, "user", userId);
    }

    private void erase(String userId, List<String> sessionIds) throws SQLException {
        List<String> persistenceIds =
                sessionIds.stream().map(SessionProtocol::persistenceId).toList();
        delete("sessions", "DELETE FROM sessions WHERE id = ANY (?)", sessionIds);
        delete("m0", "DELETE FROM messages WHERE session_id = ANY (?)", sessionIds);
        delete("append_answers", "DELETE FROM append_answers WHERE session_id = ANY (?)", sessionIds);
        delete("journal", "DELETE FROM event_journal WHERE persistence_id = ANY (?)", persistenceIds);
        delete("snapshots", "DELETE FROM snapshot WHERE persistence_id = ANY (?)", persistenceIds);
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM memory_units WHERE user_id = ? AND session_id = ANY (?)")) {
            statement.setString(1, userId);
            statement.setArray(2, connection.createArrayOf("text", sessionIds.toArray()));
            count("m1", statement.executeUpdate());
        }
        delete("m2", "DELETE FROM facts WHERE session_id = ANY (?)", sessionIds);
        remove("DELETE FROM fact_evidence WHERE session_id = ANY (?)", sessionIds);
        remove("DELETE FROM fact_progress WHERE session_id = ANY (?)", sessionIds);
    }

    private void delete(String layer, String sql, List<String> ids) throws SQLException {
        count(layer, remove(sql, ids));
    }

    private int remove(String sql, List<String> ids) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new RowArrays<>(statement, ids).texts(id -> id);
            return statement.executeUpdate();
        }
    }

    private void count(String layer, long rows) {
        counts.merge(layer, rows, Long::sum);
    }

    /** A repetition finds nothing to remove, and the first receipt stays. */
    private void writeReceipt(String id, String kind, String userId) throws SQLException {
        if (counts.values().stream().allMatch(rows -> rows == 0)) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO erasures (id, kind, user_id, layers, counts) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO NOTHING""")) {
            statement.setString(1, id);
            statement.setString(2, kind);
            statement.setString(3, userId);
            statement.setArray(
                    4, connection.createArrayOf("text", counts.keySet().toArray()));
            statement.setArray(
                    5, connection.createArrayOf("int8", counts.values().toArray()));
            statement.executeUpdate();
        }
    }

    private List<String> strings(String sql, String parameter) throws SQLException {
        return Statements.query(connection, sql, row -> row.getString(1), parameter);
    }
}
