package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.PendingUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** What is read of M1. */
final class UnitReads {
    /** About half a megabyte of vectors and texts. */
    private static final int ROWS_AT_A_TIME = 200;

    /** Vectors in binary form from the first row on, rather than as hexadecimal text until the statement is often used. */
    private static final int BINARY_AT_ONCE = -1;

    static final String STREAM = "SELECT " + MessageColumns.LIST
            + ", u.session_id, u.chunk_no, u.text, u.tokens, CASE WHEN u.model = ? THEN u.vector END"
            + " FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq"
            + " WHERE u.user_id = ? ORDER BY u.session_id, u.seq, u.chunk_no";

    private final Connection connection;
    private final @Nullable String embeddingModel;

    UnitReads(Connection connection, @Nullable String embeddingModel) {
        this.connection = connection;
        this.embeddingModel = embeddingModel;
    }

    /** Needs a transaction: outside of one the driver would read all rows at once. */
    void stream(String userId, Consumer<MemoryUnit> sink) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STREAM)) {
            statement.setString(1, embeddingModel);
            statement.setString(2, userId);
            statement.setFetchSize(ROWS_AT_A_TIME);
            statement.unwrap(PGStatement.class).setPrepareThreshold(BINARY_AT_ONCE);
            try (ResultSet rows = statement.executeQuery()) {
                String sessionId = "";
                while (rows.next()) {
                    String next = rows.getString(MessageColumns.COUNT + 1);
                    sessionId = next.equals(sessionId) ? sessionId : next; // one string for all units of a session
                    sink.accept(unit(rows, sessionId));
                }
            }
        }
    }

    private static MemoryUnit unit(ResultSet row, String sessionId) throws SQLException {
        Message message = MessageColumns.read(row);
        int chunkNo = row.getInt(MessageColumns.COUNT + 2);
        String text = row.getString(MessageColumns.COUNT + 3);
        return new MemoryUnit(
                new UnitKey(sessionId, message.seq(), chunkNo),
                message,
                text == null ? message.content() : text,
                row.getInt(MessageColumns.COUNT + 4),
                Vectors.fromBytes(row.getBytes(MessageColumns.COUNT + 5)));
    }

    List<PendingUnit> pending(int limit, Set<UnitKey> except) throws SQLException {
        List<PendingUnit> pending = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT u.user_id, u.session_id, u.seq, u.chunk_no, m.name, coalesce(u.text, m.content)
                FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq
                WHERE u.pending_since IS NOT NULL ORDER BY u.pending_since LIMIT ?""")) {
            statement.setLong(1, (long) limit + except.size());
            try (ResultSet rows = statement.executeQuery()) {
                while (pending.size() < limit && rows.next()) {
                    UnitKey key = new UnitKey(rows.getString(2), rows.getLong(3), rows.getInt(4));
                    if (!except.contains(key)) {
                        String text = MemoryUnit.embeddedText(rows.getString(5), rows.getString(6));
                        pending.add(new PendingUnit(rows.getString(1), key, text));
                    }
                }
            }
        }
        return pending;
    }

    OptionalLong firstPending(String userId, String sessionId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT seq FROM memory_units WHERE user_id = ? AND session_id = ? AND pending_since IS NOT NULL
                ORDER BY seq LIMIT 1""")) {
            statement.setString(1, userId);
            statement.setString(2, sessionId);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? OptionalLong.of(row.getLong(1)) : OptionalLong.empty();
            }
        }
    }
}
