package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Consumer;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.memory.UnitKey;
import org.jspecify.annotations.Nullable;

/** The units of a user's knowledge as they are read. */
final class KnowledgeReads {
    /**
     * Looks each unit's item up by its key: statistics of a young table would have all units compared with all items. The
     * first unit of each item brings the item's content; with every unit, a long one would come a thousand times.
     */
    static final String STREAM = """
            SELECT k.id, u.number, CASE WHEN u.chunk_no = 0 THEN k.content END, k.created_at, k.updated_at, u.chunk_no, u.text, u.tokens,
                CASE WHEN u.model = ? THEN u.vector END
            FROM knowledge_units u CROSS JOIN LATERAL (
                SELECT id, content, created_at, updated_at FROM knowledge
                WHERE user_id = u.user_id AND number = u.number OFFSET 0) k
            WHERE u.user_id = ? ORDER BY u.number, u.chunk_no""";

    private final Connection connection;
    private final @Nullable String embeddingModel;

    KnowledgeReads(Connection connection, @Nullable String embeddingModel) {
        this.connection = connection;
        this.embeddingModel = embeddingModel;
    }

    /** Needs a transaction: outside of one the driver would read all rows at once. */
    void stream(String userId, Consumer<KnowledgeUnit> sink) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(STREAM)) {
            statement.setString(1, embeddingModel);
            statement.setString(2, userId);
            UnitReads.streaming(statement);
            try (ResultSet rows = statement.executeQuery()) {
                KnowledgeItem item = null;
                while (rows.next()) {
                    int chunkNo = rows.getInt(6);
                    item = chunkNo == 0 || item == null ? item(rows) : item;
                    sink.accept(unit(rows, UnitKey.ofKnowledge(userId, item.number(), chunkNo), item));
                }
            }
        }
    }

    private static KnowledgeItem item(ResultSet row) throws SQLException {
        return new KnowledgeItem(
                row.getString(1), row.getLong(2), row.getString(3), Timestamps.read(row, 4), Timestamps.read(row, 5));
    }

    private static KnowledgeUnit unit(ResultSet row, UnitKey key, KnowledgeItem item) throws SQLException {
        String text = row.getString(7);
        return new KnowledgeUnit(
                key, item, text == null ? item.content() : text, row.getInt(8), Vectors.fromBytes(row.getBytes(9)));
    }
}
