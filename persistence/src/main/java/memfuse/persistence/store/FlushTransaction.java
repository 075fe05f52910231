package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import memfuse.protocol.store.SessionFlush;
import org.jspecify.annotations.Nullable;

/**
 * One flush of several sessions, in the transaction of the connection it is given.
 *
 * <p>First the sessions' rows are locked: against erasure, and against other flushes of theirs. Then each session's
 * marker is written over its journal event; a session whose event is not there, or is a marker already, was flushed
 * before and takes no further part. What remains is written in few statements for all sessions together.
 */
final class FlushTransaction {
    /** Asks for the manifest in a form that keeps the planner from the index of all unflushed events. */
    static final String MARK = """
            UPDATE event_journal j
            SET adapter_manifest = 'flushed', event_payload = f.payload, event_ser_id = f.serializer_id,
                event_ser_manifest = f.manifest
            FROM unnest(?::text[], ?::bigint[], ?::bytea[], ?::int[], ?::text[])
                AS f (persistence_id, sequence_number, payload, serializer_id, manifest)
            WHERE j.persistence_id = f.persistence_id AND j.sequence_number = f.sequence_number
                AND j.adapter_manifest IS DISTINCT FROM 'flushed'
            RETURNING j.persistence_id""";

    static final String TRIM = """
            DELETE FROM event_journal j
            USING unnest(?::text[], ?::bigint[]) AS f (persistence_id, sequence_number)
            WHERE j.persistence_id = f.persistence_id AND j.sequence_number < f.sequence_number""";

    private final Connection connection;
    private final JournalSerializer serializer;
    private final MessageRows messages;
    private final UnitRows units;
    private final AnswerRows answers;
    private final FactRows facts;

    private record Locked(Set<String> sessionIds, Instant now) {}

    private record Mark(SessionFlush flush, SerializedEvent event) {}

    FlushTransaction(Connection connection, JournalSerializer serializer, @Nullable String embeddingModel) {
        this.connection = connection;
        this.serializer = serializer;
        messages = new MessageRows(connection);
        units = new UnitRows(connection, embeddingModel);
        answers = new AnswerRows(connection, serializer);
        facts = new FactRows(connection);
    }

    void run(List<SessionFlush> flushes) throws SQLException {
        Locked locked = lock(flushes);
        List<SessionFlush> applying = mark(flushes.stream()
                .filter(flush -> locked.sessionIds().contains(flush.sessionId()))
                .toList());
        if (applying.isEmpty()) {
            return;
        }
        trimJournal(applying);
        if (messages.removeTails(applying)) {
            units.removeTails(applying);
            facts.removeTails(applying);
        }
        List<MessagePlace> deleted = MessagePlace.deletedIn(applying);
        messages.remove(deleted);
        units.remove(deleted);
        facts.forget(deleted);
        messages.append(applying);
        Set<MessagePlace> changed = messages.update(applying);
        units.remove(changed);
        facts.forget(changed);
        units.append(applying, changed, locked.now());
        answers.append(applying);
        facts.await(applying, changed);
    }

    private Locked lock(List<SessionFlush> flushes) throws SQLException {
        Set<String> sessionIds = new HashSet<>();
        Instant now = Instant.EPOCH;
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT id, now() FROM sessions WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE")) {
            new RowArrays<>(statement, flushes).texts(SessionFlush::sessionId);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    if (sessionIds.isEmpty()) {
                        now = Timestamps.read(rows, 2);
                    }
                    sessionIds.add(rows.getString(1));
                }
            }
        }
        return new Locked(sessionIds, now);
    }

    /** Writes the markers; gives the flushes that were not done before. */
    private List<SessionFlush> mark(List<SessionFlush> flushes) throws SQLException {
        if (flushes.isEmpty()) {
            return flushes;
        }
        List<Mark> marks = flushes.stream()
                .map(flush -> new Mark(flush, serializer.serialize(flush.marker())))
                .toList();
        Set<String> marked = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement(MARK)) {
            new RowArrays<>(statement, marks)
                    .texts(mark -> mark.flush().persistenceId())
                    .int64s(mark -> mark.flush().upToJournalSeq())
                    .bytes(mark -> mark.event().payload())
                    .int32s(mark -> mark.event().serializerId())
                    .texts(mark -> mark.event().manifest());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    marked.add(rows.getString(1));
                }
            }
        }
        return flushes.stream()
                .filter(flush -> marked.contains(flush.persistenceId()))
                .toList();
    }

    private void trimJournal(List<SessionFlush> flushes) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(TRIM)) {
            new RowArrays<>(statement, flushes)
                    .texts(SessionFlush::persistenceId)
                    .int64s(SessionFlush::upToJournalSeq);
            statement.executeUpdate();
        }
    }
}
