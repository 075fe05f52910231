package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.protocol.session.SessionProtocol;

/**
 * The removal of a session or a user with its receipt, in the transaction of the connection it is given.
 *
 * <p>The sessions' rows go first, as everybody who writes rows of a session locks that one: a flush under way ends
 * before, and a later one finds the session gone. All of it is one transaction, so that nobody ever sees a part of what
 * is erased, whatever ends half-way; but each statement removes a bounded number of rows, so that none takes too long
 * however much there is.
 */
final class Erasure {
    /** Sessions of a statement. */
    private static final int SESSIONS_AT_A_TIME = 100;

    /** Rows of a statement. */
    static final int ROWS_AT_A_TIME = 5_000;

    private final Connection connection;

    /** Rows that were removed, by layer. */
    private final Map<String, Long> counts = new LinkedHashMap<>();

    Erasure(Connection connection) {
        this.connection = connection;
    }

    /** Gives the sessions that are erased. */
    List<String> session(String userId, String sessionId) throws SQLException {
        List<String> owners = strings("SELECT user_id FROM sessions WHERE id = ? FOR UPDATE", sessionId);
        if (!owners.isEmpty() && !owners.contains(userId)) {
            return List.of();
        }
        erase(userId, List.of(sessionId));
        writeReceipt(sessionId, "session", userId);
        return List.of(sessionId);
    }

    /** Gives the sessions that are erased. */
    List<String> user(String userId) throws SQLException {
        strings("SELECT id FROM users WHERE id = ? FOR UPDATE", userId); // against new sessions and knowledge
        List<String> sessionIds = strings("SELECT id FROM sessions WHERE user_id = ? ORDER BY id FOR UPDATE", userId);
        for (List<String> some : inParts(sessionIds)) {
            erase(userId, some);
        }
        remove("knowledge_units WHERE user_id = ANY (?)", List.of(userId));
        delete("knowledge", "knowledge WHERE user_id = ANY (?)", List.of(userId));
        count("api_keys", PostgresKeyStore.deleteAll(connection, userId));
        count("imports", Statements.execute(connection, "DELETE FROM imports WHERE user_id = ?", userId));
        count("users", Statements.execute(connection, "DELETE FROM users WHERE id = ?", userId));
        writeReceipt(userId, "user", userId);
        return sessionIds;
    }

    private static List<List<String>> inParts(List<String> ids) {
        List<List<String>> parts = new ArrayList<>();
        for (int from = 0; from < ids.size(); from += SESSIONS_AT_A_TIME) {
            parts.add(ids.subList(from, Math.min(from + SESSIONS_AT_A_TIME, ids.size())));
        }
        return parts;
    }

    /** The journal goes last: a write that began before the sessions were locked may come late. */
    private void erase(String userId, List<String> sessionIds) throws SQLException {
        delete("sessions", "sessions WHERE id = ANY (?)", sessionIds);
        delete("m0", "messages WHERE session_id = ANY (?)", sessionIds);
        delete("append_answers", "append_answers WHERE session_id = ANY (?)", sessionIds);
        delete("m1", "memory_units WHERE session_id = ANY (?) AND user_id = ?", sessionIds, userId);
        delete("m2", "facts WHERE session_id = ANY (?)", sessionIds);
        remove("fact_evidence WHERE session_id = ANY (?)", sessionIds);
        remove("fact_progress WHERE session_id = ANY (?)", sessionIds);
        List<String> persistenceIds = persistenceIds(sessionIds);
        delete("journal", "event_journal WHERE persistence_id = ANY (?)", persistenceIds);
        delete("snapshots", "snapshot WHERE persistence_id = ANY (?)", persistenceIds);
    }

    /**
     * Removes what was journaled for sessions between the removal of their journals and the end of that transaction: of
     * writers whom others have given up, as the fence keeps out whoever comes after it.
     */
    void lateEvents(List<String> sessionIds) throws SQLException {
        for (List<String> some : inParts(sessionIds)) {
            remove("event_journal WHERE persistence_id = ANY (?)", persistenceIds(some));
        }
    }

    private static List<String> persistenceIds(List<String> sessionIds) {
        return sessionIds.stream().map(SessionProtocol::persistenceId).toList();
    }

    private void delete(String layer, String rows, List<String> ids, String... parameters) throws SQLException {
        count(layer, remove(rows, ids, parameters));
    }

    /**
     * Rows are read with their places, some at a time, and removed by these. Nobody moves them: the sessions are locked.
     */
    private long remove(String rows, List<String> ids, String... parameters) throws SQLException {
        long removed = 0;
        try (PreparedStatement statement = connection.prepareStatement("SELECT ctid FROM " + rows)) {
            statement.setFetchSize(ROWS_AT_A_TIME);
            new RowArrays<>(statement, ids).texts(id -> id);
            for (int i = 0; i < parameters.length; i++) {
                statement.setString(2 + i, parameters[i]);
            }
            String table = rows.substring(0, rows.indexOf(' '));
            List<String> places = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    places.add(found.getString(1));
                    if (places.size() == ROWS_AT_A_TIME) {
                        removed += removeAt(table, places);
                    }
                }
            }
            return removed + removeAt(table, places);
        }
    }

    private long removeAt(String table, List<String> places) throws SQLException {
        if (places.isEmpty()) {
            return 0;
        }
        long removed = Statements.execute(
                connection,
                "DELETE FROM " + table + " WHERE ctid = ANY (?)",
                connection.createArrayOf("tid", places.toArray()));
        places.clear();
        return removed;
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
