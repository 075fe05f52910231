package memfuse.persistence.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;

/** The columns of {@code messages m} that make a message, in the order in which {@link #read} takes them. */
final class MessageColumns {
    static final String LIST = list("m.content");
    static final int COUNT = 10;

    private MessageColumns() {}

    /** The columns with another expression for the content. */
    static String list(String content) {
        return "m.id, m.seq, m.role, m.name, " + content
                + ", m.created_at, m.updated_at, m.metadata, m.tokens, m.round_seq";
    }

    /** The message of a row whose first columns are {@link #LIST}. */
    static Message read(ResultSet row) throws SQLException {
        String role = row.getString(3);
        return new Message(
                row.getString(1),
                row.getLong(2),
                Role.parse(role).orElseThrow(() -> new SQLException("unknown role in M0: " + role)),
                row.getString(4),
                row.getString(5),
                Timestamps.read(row, 6),
                Timestamps.read(row, 7),
                row.getString(8),
                row.getInt(9),
                row.getLong(10));
    }
}
