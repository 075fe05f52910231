package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * Binds a statement's parameters, one after the other, to columns of the same rows: {@code unnest(?::text[], …)}.
 *
 * <p>The driver sends such arrays in binary form.
 */
final class RowArrays<T> {
    private final PreparedStatement statement;
    private final List<T> rows;
    private int bound;

    RowArrays(PreparedStatement statement, List<T> rows) {
        this.statement = statement;
        this.rows = rows;
    }

    RowArrays<T> texts(Function<T, @Nullable String> column) throws SQLException {
        return bind("text", rows.stream().map(column).toArray(String[]::new));
    }

    RowArrays<T> int64s(ToLongFunction<T> column) throws SQLException {
        return bind("int8", rows.stream().mapToLong(column).toArray());
    }

    RowArrays<T> int32s(ToIntFunction<T> column) throws SQLException {
        return bind("int4", rows.stream().mapToInt(column).toArray());
    }

    RowArrays<T> bytes(Function<T, byte @Nullable []> column) throws SQLException {
        return bind("bytea", rows.stream().map(column).toArray(byte[][]::new));
    }

    private RowArrays<T> bind(String type, Object values) throws SQLException {
        Connection connection = statement.getConnection();
        statement.setArray(++bound, connection.unwrap(PGConnection.class).createArrayOf(type, values));
        return this;
    }
}
