package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGStatement;

/** What is read of M1, and which units of all kinds wait for an embedding. */
final class UnitReads {
    /** About half a megabyte of vectors and texts. */
    private static final int ROWS_AT_A_TIME = 200;

    /** Vectors in binary form from the first row on, rather than as hexadecimal text until the statement is often used. */
    private static final int BINARY_AT_ONCE = -1;

    /**
     * The first unit of each message brings the message's content; with every unit, a long one would come a thousand times.
     */
    static final String STREAM = "SELECT " + MessageColumns.list("CASE WHEN u.chunk_no = 0 THEN m.content END")
            + ", u.session_id, u.chunk_no, u.text, u.tokens, CASE WHEN u.model = ? THEN u.vector END"
            + " FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq"
            + " WHERE u.user_id = ? ORDER BY u.session_id, u.seq, u.chunk_no";

    /** Units of messages and, without a session, of knowledge; each half goes by its index of what waits. */
    private static final String PENDING = """
            SELECT user_id, session_id, seq, chunk_no, name, text FROM (
                (SELECT u.user_id, u.session_id, u.seq, u.chunk_no, m.name, coalesce(u.text, m.content) AS text,
                        u.pending_since
                    FROM memory_units u JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq
                    WHERE u.pending_since IS NOT NULL AND %1$s ORDER BY u.pending_since LIMIT ?)
                UNION ALL
                (SELECT u.user_id, NULL, u.number, u.chunk_no, NULL, coalesce(u.text, k.content), u.pending_since
                    FROM knowledge_units u JOIN knowledge k ON k.user_id = u.user_id AND k.number = u.number
                    WHERE u.pending_since IS NOT NULL AND %1$s ORDER BY u.pending_since LIMIT ?)
            ) waiting ORDER BY pending_since LIMIT ?""";

    /** Users fall to shares by a hash that is the database's own, and so the same for all nodes. */
    private static final String SHARE =
            "abs(hashtext(u.user_id)::bigint) % ? = ?" + " AND u.pending_since <= now() - ? * interval '1 millisecond'";

    static final String PENDING_OF_ALL = PENDING.formatted("true");
    private static final String PENDING_OF_SHARE = PENDING.formatted(SHARE);

    private static final String VECTORS = """
            SELECT u.session_id, u.seq, u.chunk_no, m.name, coalesce(u.text, m.content), u.vector
            FROM unnest(?::text[], ?::bigint[], ?::int[]) AS f (session_id, seq, chunk_no)
                JOIN memory_units u ON u.user_id = ? AND u.session_id = f.session_id AND u.seq = f.seq
                    AND u.chunk_no = f.chunk_no
                JOIN messages m ON m.session_id = u.session_id AND m.seq = u.seq
            WHERE u.model = ? AND u.vector IS NOT NULL""";

    private static final String VECTORS_OF_KNOWLEDGE = """
            SELECT NULL, u.number, u.chunk_no, NULL, coalesce(u.text, k.content), u.vector
            FROM unnest(?::text[], ?::bigint[], ?::int[]) AS f (none, number, chunk_no)
                JOIN knowledge_units u ON u.user_id = ? AND u.number = f.number AND u.chunk_no = f.chunk_no
                JOIN knowledge k ON k.user_id = u.user_id AND k.number = u.number
            WHERE u.model = ? AND u.vector IS NOT NULL""";

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
                Message message = null;
                while (rows.next()) {
                    String next = rows.getString(MessageColumns.COUNT + 1);
                    sessionId = next.equals(sessionId) ? sessionId : next; // one string for all units of a session
                    int chunkNo = rows.getInt(MessageColumns.COUNT + 2);
                    message = chunkNo == 0 || message == null ? MessageColumns.read(rows) : message;
                    sink.accept(unit(rows, new UnitKey(sessionId, message.seq(), chunkNo), message));
                }
            }
        }
    }

    /** Has the rows come a few at a time, in binary form. */
    static void streaming(PreparedStatement statement) throws SQLException {
        statement.setFetchSize(ROWS_AT_A_TIME);
        statement.unwrap(PGStatement.class).setPrepareThreshold(BINARY_AT_ONCE);
    }

    private static MemoryUnit unit(ResultSet row, UnitKey key, Message message) throws SQLException {
        String text = row.getString(MessageColumns.COUNT + 3);
        return new MemoryUnit(
                key,
                message,
                text == null ? message.content() : text,
                row.getInt(MessageColumns.COUNT + 4),
                Vectors.fromBytes(row.getBytes(MessageColumns.COUNT + 5)));
    }

    List<PendingUnit> pending(int limit, Set<UnitKey> except, BacklogShare share) throws SQLException {
        boolean all = share.equals(BacklogShare.ALL);
        long rowsAtMost = (long) limit + except.size();
        List<PendingUnit> pending = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(all ? PENDING_OF_ALL : PENDING_OF_SHARE)) {
            int next = 1;
            for (int half = 1; half <= 2; half++) {
                if (!all) {
                    statement.setLong(next++, share.of());
                    statement.setLong(next++, share.part());
                    statement.setLong(next++, share.minAge().toMillis());
                }
                statement.setLong(next++, rowsAtMost);
            }
            statement.setLong(next, rowsAtMost);
            try (ResultSet rows = statement.executeQuery()) {
                while (pending.size() < limit && rows.next()) {
                    PendingUnit unit = pendingUnit(rows, 2, rows.getString(1));
                    if (!except.contains(unit.key())) {
                        pending.add(unit);
                    }
                }
            }
        }
        return pending;
    }

    List<UnitVector> vectors(String userId, Collection<UnitKey> keys) throws SQLException {
        List<UnitVector> vectors = new ArrayList<>();
        for (boolean knowledge : new boolean[] {false, true}) {
            List<UnitKey> ofKind = keys.stream()
                    .filter(key -> key.fromKnowledge() == knowledge)
                    .toList();
            if (!ofKind.isEmpty()) {
                readVectors(userId, ofKind, knowledge ? VECTORS_OF_KNOWLEDGE : VECTORS, vectors);
            }
        }
        return vectors;
    }

    private void readVectors(String userId, List<UnitKey> keys, String sql, List<UnitVector> vectors)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new RowArrays<>(statement, keys)
                    .texts(key -> key.fromKnowledge() ? "" : key.sessionId())
                    .int64s(UnitKey::seq)
                    .int32s(UnitKey::chunkNo);
            statement.setString(4, userId);
            statement.setString(5, embeddingModel);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    PendingUnit unit = pendingUnit(rows, 1, userId);
                    float[] vector = Vectors.fromBytes(rows.getBytes(6));
                    if (vector != null) {
                        vectors.add(new UnitVector(userId, unit.key(), unit.embeddedText(), vector));
                    }
                }
            }
        }
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

    /** @param first the column of the session's id; the others follow */
    private static PendingUnit pendingUnit(ResultSet row, int first, String userId) throws SQLException {
        String sessionId = row.getString(first);
        UnitKey key = sessionId == null
                ? UnitKey.ofKnowledge(userId, row.getLong(first + 1), row.getInt(first + 2))
                : new UnitKey(sessionId, row.getLong(first + 1), row.getInt(first + 2));
        return new PendingUnit(
                userId, key, MemoryUnit.embeddedText(row.getString(first + 3), row.getString(first + 4)));
    }
}
