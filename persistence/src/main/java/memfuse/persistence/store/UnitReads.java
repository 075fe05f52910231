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

/** What is read of M1, and which units of all kinds wait for an embedding. */
final class UnitReads {
    /** About half a megabyte of vectors and texts. */
    private static final int ROWS_AT_A_TIME = 200;

    /** Vectors in binary form from the first row on, rather than as hexadecimal text until the statement is often used. */
    private static final int BINARY_AT_ONCE = -1;

    static final String STREAM = "SELECT " + MessageColumns.LIST
            + ", u.session_id, u.chunk_no, u.text, u.tokens, CASE WHEN u.model = ? THEN u.vector END, m.round_seq"
            + " FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq"
            + " WHERE u.user_id = ? ORDER BY u.session_id, u.seq, u.chunk_no";

    /** Units of messages and, without a session, of knowledge; each half goes by its index of what waits. */
    static final String PENDING = """
            SELECT user_id, session_id, seq, chunk_no, name, text FROM (
                (SELECT u.user_id, u.session_id, u.seq, u.chunk_no, m.name, coalesce(u.text, m.content) AS text,
                        u.pending_since
                    FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq
                    WHERE u.pending_since IS NOT NULL ORDER BY u.pending_since LIMIT ?)
                UNION ALL
                (SELECT u.user_id, NULL, u.number, u.chunk_no, NULL, coalesce(u.text, k.content), u.pending_since
                    FROM knowledge_units u JOIN knowledge k ON k.user_id = u.user_id AND k.number = u.number
                    WHERE u.pending_since IS NOT NULL ORDER BY u.pending_since LIMIT ?)
            ) waiting ORDER BY pending_since LIMIT ?""";

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
            streaming(statement);
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

    /** Has the rows come a few at a time, in binary form. */
    static void streaming(PreparedStatement statement) throws SQLException {
        statement.setFetchSize(ROWS_AT_A_TIME);
        statement.unwrap(PGStatement.class).setPrepareThreshold(BINARY_AT_ONCE);
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
                Vectors.fromBytes(row.getBytes(MessageColumns.COUNT + 5)),
                row.getLong(MessageColumns.COUNT + 6));
    }

    List<PendingUnit> pending(int limit, Set<UnitKey> except) throws SQLException {
        long rowsAtMost = (long) limit + except.size();
        List<PendingUnit> pending = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(PENDING)) {
            for (int i = 1; i <= 3; i++) {
                statement.setLong(i, rowsAtMost);
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (pending.size() < limit && rows.next()) {
                    PendingUnit unit = pendingUnit(rows);
                    if (!except.contains(unit.key())) {
                        pending.add(unit);
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

    private static PendingUnit pendingUnit(ResultSet row) throws SQLException {
        String userId = row.getString(1);
        String sessionId = row.getString(2);
        UnitKey key = sessionId == null
                ? UnitKey.ofKnowledge(userId, row.getLong(3), row.getInt(4))
                : new UnitKey(sessionId, row.getLong(3), row.getInt(4));
        return new PendingUnit(userId, key, MemoryUnit.embeddedText(row.getString(5), row.getString(6)));
    }
}
