package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.store.SessionFlush;

/** The first answers to appends under an idempotency key. */
final class AnswerRows {
    private final Connection connection;
    private final JournalSerializer serializer;

    private record Row(String sessionId, String key, SerializedEvent answer) {}

    AnswerRows(Connection connection, JournalSerializer serializer) {
        this.connection = connection;
        this.serializer = serializer;
    }

    /** Writes the answers of flushes whose sessions are locked. */
    void append(List<SessionFlush> flushes) throws SQLException {
        List<Row> rows = flushes.stream()
                .flatMap(flush -> flush.answers().stream()
                        .map(answer -> new Row(flush.sessionId(), answer.key().key(), serializer.serialize(answer))))
                .toList();
        if (rows.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO append_answers (session_id, key, answer, serializer_id, manifest)
                SELECT * FROM unnest(?::text[], ?::text[], ?::bytea[], ?::int[], ?::text[])
                ON CONFLICT (session_id, key) DO UPDATE
                SET stored_at = excluded.stored_at, answer = excluded.answer,
                    serializer_id = excluded.serializer_id, manifest = excluded.manifest""")) {
            new RowArrays<>(statement, rows)
                    .texts(Row::sessionId)
                    .texts(Row::key)
                    .bytes(row -> row.answer().payload())
                    .int32s(row -> row.answer().serializerId())
                    .texts(row -> row.answer().manifest());
            statement.executeUpdate();
        }
    }

    Optional<KeyedAnswer> find(String sessionId, String key) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT answer, serializer_id, manifest FROM append_answers WHERE session_id = ? AND key = ?")) {
            statement.setString(1, sessionId);
            statement.setString(2, key);
            try (ResultSet row = statement.executeQuery()) {
                return row.next()
                        ? Optional.of(serializer.deserialize(
                                new SerializedEvent(row.getBytes(1), row.getInt(2), row.getString(3)),
                                KeyedAnswer.class))
                        : Optional.empty();
            }
        }
    }

    void removeOlder(Instant than) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("DELETE FROM append_answers WHERE stored_at < ?")) {
            statement.setObject(1, Timestamps.parameter(than));
            statement.executeUpdate();
        }
    }
}
