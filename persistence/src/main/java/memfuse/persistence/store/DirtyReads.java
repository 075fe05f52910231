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

    /** A session is dirty where its last event is no marker. */
    static final String SESSIONS = """
            SELECT s.id
            FROM sessions s CROSS JOIN LATERAL (
                SELECT j.adapter_manifest FROM event_journal j
                WHERE j.persistence_id = (? || s.id) COLLATE "default"
                ORDER BY j.sequence_number DESC LIMIT 1) last
            WHERE s.user_id = ? AND last.adapter_manifest = ''""";

    static final String USERS = """
                WITH oldest AS MATERIALIZED (
                    SELECT persistence_id, ordering FROM event_journal
                    WHERE adapter_manifest = '' AND ordering <= ? ORDER BY ordering LIMIT ?),
                waiting AS MATERIALIZED (
                    SELECT substr(persistence_id, ?) COLLATE "C" AS session_id, min(ordering) AS since
                    FROM oldest GROUP BY persistence_id)
                SELECT s.user_id FROM waiting w JOIN sessions s ON s.id = w.session_id
                GROUP BY s.user_id ORDER BY min(w.since) LIMIT ?""";

    static final String LAST_EVENT = "SELECT coalesce(max(ordering), 0) FROM event_journal WHERE adapter_manifest = ''";

    private final Connection connection;

    DirtyReads(Connection connection) {
        this.connection = connection;
    }

    List<String> sessions(String userId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SESSIONS)) {
            statement.setString(1, PREFIX);
            statement.setString(2, userId);
            return strings(statement);
        }
    }

    List<String> users(int limit, long upTo) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(USERS)) {
            statement.setLong(1, upTo);
            statement.setInt(2, EVENTS_LOOKED_AT);
            statement.setInt(3, PREFIX.length() + 1);
            statement.setInt(4, limit);
            return strings(statement);
        }
    }

    long lastEvent() throws SQLException {
        return Statements.query(connection, LAST_EVENT, row -> row.getLong(1)).get(0);
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
