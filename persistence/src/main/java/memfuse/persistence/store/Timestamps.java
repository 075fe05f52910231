package memfuse.persistence.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.concurrent.TimeUnit;

/** Times as the database keeps them: whole microseconds, of UTC. */
final class Timestamps {
    private Timestamps() {}

    static long micros(Instant time) {
        return Math.addExact(
                Math.multiplyExact(time.getEpochSecond(), 1_000_000L), TimeUnit.NANOSECONDS.toMicros(time.getNano()));
    }

    static OffsetDateTime parameter(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    static Instant read(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
