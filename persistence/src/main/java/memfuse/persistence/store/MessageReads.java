package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.store.Bounded;

/** What is read of M0. */
final class MessageReads {
    /** The lengths are known without the texts being read, so that only the rows of the page are. */
    static final String IN_ORDER = "WITH next AS MATERIALIZED ("
            + " SELECT session_id, seq, octet_length(content) + coalesce(octet_length(metadata), 0) AS bytes FROM messages"
            + " WHERE session_id = ? AND seq > ? AND seq <= ? AND seq <> ALL (?) ORDER BY seq LIMIT ?),"
            + " page AS MATERIALIZED (SELECT session_id, seq, sum(bytes) OVER (ORDER BY seq) AS up_to,"
            + " min(seq) OVER () AS first FROM next)"
            + " SELECT " + MessageColumns.LIST + " FROM page JOIN messages m USING (session_id, seq)"
            + " WHERE page.seq = page.first OR page.up_to <= ? ORDER BY page.seq";

    /**
     * The messages of {@code page} with how much they are in all, as {@link Message#answerBytes} counts; where that is
     * more than the last parameter, without the messages.
     */
    private static final String SIZED_PAGE = "sized AS MATERIALIZED (SELECT session_id, seq, sum("
            + Message.OVERHEAD_BYTES + " + octet_length(s.id) + coalesce(octet_length(s.name), 0)"
            + " + octet_length(s.content) + coalesce(octet_length(s.metadata), 0)) OVER () AS total"
            + " FROM page JOIN messages s USING (session_id, seq))"
            + " SELECT " + MessageColumns.LIST + ", sized.total FROM sized LEFT JOIN messages m"
            + " ON m.session_id = sized.session_id AND m.seq = sized.seq AND sized.total <= ?";

    private static final String BY_ID = "SELECT " + MessageColumns.LIST
            + " FROM messages m WHERE m.session_id = ? AND m.id = ANY (?) AND m.seq <= ?";

    static final String BY_ID_WITHIN_BYTES = "WITH page AS MATERIALIZED (SELECT session_id, seq FROM messages"
            + " WHERE session_id = ? AND id = ANY (?) AND seq <= ?), " + SIZED_PAGE;

    private final Connection connection;

    MessageReads(Connection connection) {
        this.connection = connection;
    }

    Bounded<Message> history(
            String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request, long maxBytes)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(historySql(request))) {
            statement.setString(1, sessionId);
            statement.setLong(2, upToSeq);
            statement.setArray(3, connection.createArrayOf("int8", without.toArray()));
            statement.setInt(4, request.limit());
            statement.setLong(5, maxBytes);
            return readBounded(statement, maxBytes);
        }
    }

    /** The page's numbers come from an index alone, so that only the rows of the page are read. */
    static String historySql(HistoryRequest request) {
        String direction = request.descending() ? " DESC" : " ASC";
        String order = switch (request.sortBy()) {
            case TIMESTAMP -> "created_at" + direction + ", seq" + direction;
            case ID -> "id" + direction;
        };
        return "WITH page AS MATERIALIZED (SELECT session_id, seq FROM messages"
                + " WHERE session_id = ? AND seq <= ? AND seq <> ALL (?) ORDER BY " + order + " LIMIT ?), "
                + SIZED_PAGE + " ORDER BY " + order;
    }

    List<Message> inOrder(String sessionId, long upToSeq, Collection<Long> without, PageBySeq page)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(IN_ORDER)) {
            statement.setString(1, sessionId);
            statement.setLong(2, page.afterSeq());
            statement.setLong(3, upToSeq);
            statement.setArray(4, connection.createArrayOf("int8", without.toArray()));
            statement.setInt(5, page.maxMessages());
            statement.setLong(6, page.maxBytes());
            return read(statement);
        }
    }

    Bounded<Message> byId(String sessionId, long upToSeq, Collection<String> messageIds, long maxBytes)
            throws SQLException {
        boolean anySize = maxBytes == Long.MAX_VALUE;
        try (PreparedStatement statement = connection.prepareStatement(anySize ? BY_ID : BY_ID_WITHIN_BYTES)) {
            statement.setString(1, sessionId);
            statement.setArray(2, connection.createArrayOf("text", messageIds.toArray()));
            statement.setLong(3, upToSeq);
            if (anySize) {
                return Bounded.of(read(statement), Message::answerBytes, maxBytes);
            }
            statement.setLong(4, maxBytes);
            return readBounded(statement, maxBytes);
        }
    }

    private static Bounded<Message> readBounded(PreparedStatement statement, long maxBytes) throws SQLException {
        List<Message> messages = new ArrayList<>();
        long bytes = 0;
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                bytes = rows.getLong(MessageColumns.COUNT + 1);
                if (bytes > maxBytes) {
                    break;
                }
                messages.add(MessageColumns.read(rows));
            }
        }
        return new Bounded<>(messages, bytes);
    }

    private static List<Message> read(PreparedStatement statement) throws SQLException {
        List<Message> messages = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                messages.add(MessageColumns.read(rows));
            }
        }
        return messages;
    }
}
