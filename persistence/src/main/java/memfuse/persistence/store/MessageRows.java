package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.memory.Message;
import memfuse.protocol.store.SessionFlush;

/** The rows of M0 that a flush writes; the sessions are locked. */
final class MessageRows {
    private final Connection connection;

    private record Update(MessagePlace place, Message message) {}

    MessageRows(Connection connection) {
        this.connection = connection;
    }

    /** Removes what an earlier flush wrote that its session did not hear of, usually nothing; says whether it was there. */
    boolean removeTails(List<SessionFlush> flushes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM messages m USING unnest(?::text[], ?::bigint[]) AS f (session_id, after_seq)
                WHERE m.session_id = f.session_id AND m.seq > f.after_seq""")) {
            new RowArrays<>(statement, flushes).texts(SessionFlush::sessionId).int64s(SessionFlush::afterSeq);
            return statement.executeUpdate() > 0;
        }
    }

    void remove(List<MessagePlace> places) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement("""
                DELETE FROM messages m USING unnest(?::text[], ?::bigint[]) AS f (session_id, seq)
                WHERE m.session_id = f.session_id AND m.seq = f.seq""")) {
            new RowArrays<>(statement, places).texts(MessagePlace::sessionId).int64s(MessagePlace::seq);
            statement.executeUpdate();
        }
    }

    void append(List<SessionFlush> flushes) throws SQLException {
        if (flushes.stream().allMatch(flush -> flush.appended().isEmpty())) {
            return;
        }
        try (BinaryCopy rows = new BinaryCopy(
                connection,
                "messages",
                "session_id, seq, id, role, name, content, created_at, updated_at, metadata, tokens, round_seq")) {
            for (SessionFlush flush : flushes) {
                for (Message message : flush.appended()) {
                    rows.row();
                    rows.text(flush.sessionId());
                    rows.int64(message.seq());
                    rows.text(message.id());
                    rows.text(message.role().wireName());
                    rows.text(message.name());
                    rows.text(message.content());
                    rows.timestamp(message.createdAt());
                    rows.timestamp(message.updatedAt());
                    rows.text(message.metadata());
                    rows.int32(message.tokens());
                    rows.int64(message.roundSeq());
                }
            }
            rows.end();
        }
    }

    /** Changes the rows that are there, each to what its last update says; gives their places. */
    Set<MessagePlace> update(List<SessionFlush> flushes) throws SQLException {
        Map<MessagePlace, Update> updates = new LinkedHashMap<>();
        for (SessionFlush flush : flushes) {
            for (Message message : flush.updated()) {
                MessagePlace place = MessagePlace.of(flush, message.seq());
                updates.put(place, new Update(place, message));
            }
        }
        if (updates.isEmpty()) {
            return Set.of();
        }
        Set<MessagePlace> changed = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                UPDATE messages m
                SET role = f.role, name = f.name, content = f.content, metadata = f.metadata, tokens = f.tokens,
                    updated_at = to_timestamp(f.micros / 1000000) + f.micros % 1000000 * interval '1 microsecond'
                FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::int[],
                        ?::bigint[])
                    AS f (user_id, session_id, seq, role, name, content, metadata, tokens, micros)
                WHERE m.session_id = f.session_id AND m.seq = f.seq
                RETURNING f.user_id, f.session_id, f.seq""")) {
            new RowArrays<>(statement, List.copyOf(updates.values()))
                    .texts(update -> update.place().userId())
                    .texts(update -> update.place().sessionId())
                    .int64s(update -> update.place().seq())
                    .texts(update -> update.message().role().wireName())
                    .texts(update -> update.message().name())
                    .texts(update -> update.message().content())
                    .texts(update -> update.message().metadata())
                    .int32s(update -> update.message().tokens())
                    .int64s(update -> Timestamps.micros(update.message().updatedAt()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    changed.add(new MessagePlace(rows.getString(1), rows.getString(2), rows.getLong(3)));
                }
            }
        }
        return changed;
    }
}
