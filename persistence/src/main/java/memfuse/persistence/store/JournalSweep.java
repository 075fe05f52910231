package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import memfuse.protocol.session.SessionProtocol;

/** The removal of journaled events whose session is no more, some events at a time. */
final class JournalSweep {
    /** Events looked at by one statement. */
    private static final int EVENTS = 10_000;

    private static final String PREFIX = SessionProtocol.persistenceId("");

    /** All of it sees the same moment: a session with an event that is seen, and without a row, is erased. */
    static final String SWEEP = """
            WITH page AS MATERIALIZED (
                SELECT persistence_id FROM event_journal
                WHERE persistence_id > ? AND starts_with(persistence_id, ?)
                ORDER BY persistence_id, sequence_number LIMIT ?),
            orphans AS MATERIALIZED (
                SELECT p.persistence_id FROM (SELECT DISTINCT persistence_id FROM page) p
                WHERE NOT EXISTS (SELECT FROM sessions s WHERE s.id = substr(p.persistence_id, ?) COLLATE "C")),
            removed AS (
                DELETE FROM event_journal j USING orphans o WHERE j.persistence_id = o.persistence_id)
            SELECT max(persistence_id), count(*) FROM page""";

    private JournalSweep() {}

    /** Where to go on, or nothing where the journal was looked through. */
    static Optional<String> after(Connection connection, String after, int events) throws SQLException {
        return Statements.query(
                        connection,
                        SWEEP,
                        row -> row.getInt(2) < events ? Optional.<String>empty() : Optional.of(row.getString(1)),
                        after,
                        PREFIX,
                        events,
                        PREFIX.length() + 1)
                .get(0);
    }

    static Optional<String> after(Connection connection, String after) throws SQLException {
        return after(connection, after, EVENTS);
    }
}
