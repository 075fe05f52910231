package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.store.Bounded;
import org.jspecify.annotations.Nullable;

/** The rows of one user's knowledge, in the transaction of the connection it is given. */
final class KnowledgeRows {
    private static final String ITEM = "id, number, content, created_at, updated_at";

    /** The lengths are known without the contents being read. */
    static final String TOTALS = "SELECT count(*), coalesce(sum(octet_length(content)), 0), coalesce(max(number), 0)"
            + " FROM knowledge WHERE user_id = ?";

    private static final String BYTES_BY_ID = "SELECT coalesce(sum(octet_length(content)), 0), count(*)"
            + " FROM knowledge WHERE user_id = ? AND id = ANY (?)";

    static final String UPDATE = """
            WITH f AS (SELECT * FROM unnest(?::text[], ?::bigint[], ?::text[]) AS f (user_id, number, content))
            UPDATE knowledge k SET content = f.content, updated_at = ? FROM f
            WHERE k.user_id = f.user_id AND k.number = f.number""";

    private final Connection connection;
    private final String userId;

    /** How much a user has, and the number of the last item. */
    record Totals(long items, long bytes, long lastNumber) {}

    KnowledgeRows(Connection connection, String userId) {
        this.connection = connection;
        this.userId = userId;
    }

    /** Keeps other writers and the user's erasure out; false where there is no such user. */
    boolean lock() throws SQLException {
        return Statements.exists(connection, "SELECT FROM users WHERE id = ? FOR NO KEY UPDATE", userId);
    }

    Totals totals() throws SQLException {
        return Statements.query(
                        connection, TOTALS, row -> new Totals(row.getLong(1), row.getLong(2), row.getLong(3)), userId)
                .get(0);
    }

    /** All items; of more than {@code maxBytes} only how much they are. */
    Bounded<KnowledgeItem> all(long maxBytes) throws SQLException {
        Totals totals = maxBytes == Long.MAX_VALUE ? new Totals(0, 0, 0) : totals();
        long bytes = totals.bytes() + KnowledgeItem.OVERHEAD_BYTES * totals.items();
        return bytes > maxBytes
                ? new Bounded<>(List.of(), bytes)
                : Bounded.of(all(), KnowledgeItem::answerBytes, maxBytes);
    }

    /** Items by id; of more than {@code maxBytes} only how much they are. */
    Bounded<KnowledgeItem> byId(Collection<String> ids, long maxBytes) throws SQLException {
        long bytes = maxBytes == Long.MAX_VALUE
                ? 0
                : Statements.query(
                                connection,
                                BYTES_BY_ID,
                                row -> row.getLong(1) + KnowledgeItem.OVERHEAD_BYTES * row.getLong(2),
                                userId,
                                connection.createArrayOf("text", ids.toArray()))
                        .get(0);
        return bytes > maxBytes
                ? new Bounded<>(List.of(), bytes)
                : Bounded.of(byId(ids), KnowledgeItem::answerBytes, maxBytes);
    }

    private List<KnowledgeItem> all() throws SQLException {
        String sql = "SELECT " + ITEM + " FROM knowledge WHERE user_id = ? ORDER BY number";
        return Statements.query(connection, sql, KnowledgeRows::item, userId);
    }

    List<KnowledgeItem> byId(Collection<String> ids) throws SQLException {
        String sql = "SELECT " + ITEM + " FROM knowledge WHERE user_id = ? AND id = ANY (?)";
        return Statements.query(
                connection, sql, KnowledgeRows::item, userId, connection.createArrayOf("text", ids.toArray()));
    }

    private static KnowledgeItem item(ResultSet row) throws SQLException {
        return new KnowledgeItem(
                row.getString(1), row.getLong(2), row.getString(3), Timestamps.read(row, 4), Timestamps.read(row, 5));
    }

    void insert(List<KnowledgeItem> items) throws SQLException {
        try (BinaryCopy rows =
                new BinaryCopy(connection, "knowledge", "user_id, number, id, content, created_at, updated_at")) {
            for (KnowledgeItem item : items) {
                rows.row();
                rows.text(userId);
                rows.int64(item.number());
                rows.text(item.id());
                rows.text(item.content());
                rows.timestamp(item.createdAt());
                rows.timestamp(item.updatedAt());
            }
            rows.end();
        }
    }

    /** Gives items that are there these contents. */
    void update(List<KnowledgeItem> items) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(UPDATE)) {
            new RowArrays<>(statement, items)
                    .texts(item -> userId)
                    .int64s(KnowledgeItem::number)
                    .texts(KnowledgeItem::content);
            statement.setObject(4, Timestamps.parameter(items.get(0).updatedAt()));
            statement.executeUpdate();
        }
    }

    void delete(List<Long> numbers) throws SQLException {
        deleteNumbers("DELETE FROM knowledge WHERE user_id = ? AND number = ANY (?)", numbers);
        deleteUnits(numbers);
    }

    void deleteUnits(List<Long> numbers) throws SQLException {
        deleteNumbers("DELETE FROM knowledge_units WHERE user_id = ? AND number = ANY (?)", numbers);
    }

    private void deleteNumbers(String sql, List<Long> numbers) throws SQLException {
        Statements.execute(connection, sql, userId, connection.createArrayOf("int8", numbers.toArray()));
    }

    /** @param pendingSince since when the units wait for an embedding; null where there is no model */
    void insertUnits(List<KnowledgeUnit> units, @Nullable Instant pendingSince) throws SQLException {
        try (BinaryCopy rows = new BinaryCopy(
                connection, "knowledge_units", "user_id, number, chunk_no, text, tokens, pending_since")) {
            for (KnowledgeUnit unit : units) {
                rows.row();
                rows.text(userId);
                rows.int64(unit.item().number());
                rows.int32(unit.key().chunkNo());
                rows.text(unit.text().equals(unit.item().content()) ? null : unit.text());
                rows.int32(unit.tokens());
                rows.timestamp(pendingSince);
            }
            rows.end();
        }
    }
}
