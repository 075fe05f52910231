package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.SessionFlush;
import org.jspecify.annotations.Nullable;

/** The rows of M1 that a flush writes; the sessions are locked. */
final class UnitRows {
    private final Connection connection;
    private final @Nullable String embeddingModel;

    UnitRows(Connection connection, @Nullable String embeddingModel) {
        this.connection = connection;
        this.embeddingModel = embeddingModel;
    }

    void removeTails(List<SessionFlush> flushes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM memory_units u
                USING unnest(?::text[], ?::text[], ?::bigint[]) AS f (user_id, session_id, after_seq)
                WHERE u.user_id = f.user_id AND u.session_id = f.session_id AND u.seq > f.after_seq""")) {
            new RowArrays<>(statement, flushes)
                    .texts(SessionFlush::userId)
                    .texts(SessionFlush::sessionId)
                    .int64s(SessionFlush::afterSeq);
            statement.executeUpdate();
        }
    }

    void remove(Collection<MessagePlace> places) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM memory_units u
                USING unnest(?::text[], ?::text[], ?::bigint[]) AS f (user_id, session_id, seq)
                WHERE u.user_id = f.user_id AND u.session_id = f.session_id AND u.seq = f.seq""")) {
            new RowArrays<>(statement, List.copyOf(places))
                    .texts(MessagePlace::userId)
                    .texts(MessagePlace::sessionId)
                    .int64s(MessagePlace::seq);
            statement.executeUpdate();
        }
    }

    /**
     * Writes the units of the messages that are there: those appended, and those {@code changed}.
     *
     * @param now since when units without a vector wait for one
     */
    void append(List<SessionFlush> flushes, Set<MessagePlace> changed, Instant now) throws SQLException {
        if (flushes.stream().allMatch(flush -> flush.units().isEmpty())) {
            return;
        }
        try (BinaryCopy rows = new BinaryCopy(
                connection,
                "memory_units",
                "user_id, session_id, seq, chunk_no, text, tokens, vector, model, pending_since")) {
            for (SessionFlush flush : flushes) {
                for (MemoryUnit unit : unitsOfRows(flush, changed)) {
                    append(rows, flush, unit, now);
                }
            }
            rows.end();
        }
    }

    /** Each once, the last given. */
    private static Collection<MemoryUnit> unitsOfRows(SessionFlush flush, Set<MessagePlace> changed) {
        Set<Long> appended = new HashSet<>();
        for (Message message : flush.appended()) {
            appended.add(message.seq());
        }
        Map<UnitKey, MemoryUnit> units = new LinkedHashMap<>();
        for (MemoryUnit unit : flush.units()) {
            long seq = unit.key().seq();
            if (appended.contains(seq) || changed.contains(MessagePlace.of(flush, seq))) {
                units.put(unit.key(), unit);
            }
        }
        return units.values();
    }

    private void append(BinaryCopy rows, SessionFlush flush, MemoryUnit unit, Instant now) throws SQLException {
        boolean whole = unit.text().equals(unit.message().content());
        float[] vector = embeddingModel == null ? null : unit.vector();
        rows.row();
        rows.text(flush.userId());
        rows.text(flush.sessionId());
        rows.int64(unit.key().seq());
        rows.int32(unit.key().chunkNo());
        rows.text(whole ? null : unit.text());
        rows.int32(unit.tokens());
        rows.bytes(Vectors.toBytes(vector));
        rows.text(vector == null ? null : embeddingModel);
        rows.timestamp(embeddingModel != null && vector == null ? now : null);
    }
}
