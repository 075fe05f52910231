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

    private final Connection connection;

    MessageReads(Connection connection) {
        this.connection = connection;
    }

    List<Message> history(String sessionId, long upToSeq, Collection<Long> without, HistoryRequest request)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(historySql(request))) {
            statement.setString(1, sessionId);
            statement.setLong(2, upToSeq);
            statement.setArray(3, connection.createArrayOf("int8", without.toArray()));
            statement.setInt(4, request.limit());
            return read(statement);
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
                + " WHERE session_id = ? AND seq <= ? AND seq <> ALL (?) ORDER BY " + order + " LIMIT ?)"
                + " SELECT " + MessageColumns.LIST + " FROM page JOIN messages m USING (session_id, seq) ORDER BY "
                + order;
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

    List<Message> byId(String sessionId, long upToSeq, Collection<String> messageIds) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + MessageColumns.LIST
                + " FROM messages m WHERE m.session_id = ? AND m.id = ANY (?) AND m.seq <= ?")) {
            statement.setString(1, sessionId);
            statement.setArray(2, connection.createArrayOf("text", messageIds.toArray()));
            statement.setLong(3, upToSeq);
            return read(statement);
        }
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
