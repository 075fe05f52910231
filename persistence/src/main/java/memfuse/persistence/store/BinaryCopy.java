package memfuse.persistence.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Rows on their way into a table, in PostgreSQL's binary COPY format, sent in pieces of about 64 KiB.
 *
 * <p>COPY spares the server a third of what the same rows cost as an INSERT. Fields are written in the order of the
 * columns, each row after {@link #row}; {@link #end} completes, {@link #close} before that gives up. Not thread-safe.
 */
final class BinaryCopy implements AutoCloseable {
    private static final byte[] SIGNATURE = "PGCOPY\n\377\r\n\0".getBytes(StandardCharsets.ISO_8859_1);
    private static final int PIECE_BYTES = 64 * 1024;
    private static final int NULL = -1;
    private static final short END = -1;

    /** Microseconds from 1970 to 2000, where PostgreSQL's time begins. */
    private static final long EPOCH_OFFSET_MICROS = 946_684_800_000_000L;

    private final CopyIn copy;
    private final short columns;
    private ByteBuffer buffer = ByteBuffer.allocate(PIECE_BYTES);

    /** @param columns names as in SQL, separated by commas */
    BinaryCopy(Connection connection, String table, String columns) throws SQLException {
        this.columns = (short) columns.split(",", -1).length;
        copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + table + " (" + columns + ") FROM STDIN (FORMAT binary)");
        buffer.put(SIGNATURE).putInt(0).putInt(0);
    }

    void row() throws SQLException {
        room(Short.BYTES).putShort(columns);
    }

    void text(@Nullable String value) throws SQLException {
        bytes(value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    void bytes(byte @Nullable [] value) throws SQLException {
        if (value == null) {
            nothing();
        } else {
            room(Integer.BYTES + value.length).putInt(value.length).put(value);
        }
    }

    void int32(int value) throws SQLException {
        room(2 * Integer.BYTES).putInt(Integer.BYTES).putInt(value);
    }

    void int64(long value) throws SQLException {
        room(Integer.BYTES + Long.BYTES).putInt(Long.BYTES).putLong(value);
    }

    void timestamp(@Nullable Instant value) throws SQLException {
        if (value == null) {
            nothing();
        } else {
            int64(Timestamps.micros(value) - EPOCH_OFFSET_MICROS);
        }
    }

    private void nothing() throws SQLException {
        room(Integer.BYTES).putInt(NULL);
    }

    void end() throws SQLException {
        room(Short.BYTES).putShort(END);
        send();
        copy.endCopy();
    }

    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            copy.cancelCopy();
        }
    }

    private ByteBuffer room(int bytes) throws SQLException {
        if (buffer.remaining() < bytes) {
            send();
            if (buffer.capacity() < bytes) {
                buffer = ByteBuffer.allocate(bytes);
            }
        }
        return buffer;
    }

    private void send() throws SQLException {
        copy.writeToCopy(buffer.array(), 0, buffer.position());
        buffer.clear();
    }
}
