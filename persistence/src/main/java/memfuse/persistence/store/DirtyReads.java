package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.session.SessionProtocol;

/** What is read of the journal: the sessions with events that are not in the layers. */
final class DirtyReads {
    /** Unflushed events that are looked at, the oldest ones; enough, as they leave the journal when they are flushed. */
    private static final int EVENTS_LOOKED_AT = 50_000;

    private static final String PREFIX = SessionProtocol.persistenceId("");

    private final Connection connection;

    DirtyReads(Connection connection) {
        this.connection = connection;
    }

    List<String> sessions(String userId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT s.id FROM sessions s
                WHERE s.user_id = ? AND EXISTS (
                    SELECT FROM event_journal j
                    WHERE j.persistence_id = (? || s.id) COLLATE "default" AND j.adapter_manifest = '')""")) {
            statement.setString(1, userId);
            statement.setString(2, PREFIX);
            return strings(statement);
        }
    }

    List<String> users(int limit) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                WITH oldest AS MATERIALIZED (
                    SELECT persistence_id, ordering FROM event_journal
                    WHERE adapter_manifest = '' ORDER BY ordering LIMIT ?),
                waiting AS MATERIALIZED (
                    SELECT substr(persistence_id, ?) COLLATE "C" AS session_id, min(ordering) AS since
                    FROM oldest GROUP BY persistence_id)
                SELECT s.user_id FROM waiting w JOIN sessions s ON s.id = w.session_id
                GROUP BY s.user_id ORDER BY min(w.since) LIMIT ?""")) {
            statement.setInt(1, EVENTS_LOOKED_AT);
            statement.setInt(2, PREFIX.length() + 1);
            statement.setInt(3, limit);
            return strings(statement);
        }
    }

    private static List<String> strings(PreparedStatement statement) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
