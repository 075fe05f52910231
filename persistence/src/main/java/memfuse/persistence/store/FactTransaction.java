package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.TreeSet;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.memory.Message;
import org.jspecify.annotations.Nullable;

/** The facts of one batch, written in the transaction of the connection it is given. */
final class FactTransaction {
    static final String INSERT = """
            INSERT INTO facts (id, user_id, session_id, slot, subject, predicate, object, text, confidence, extractor,
                said_at, said_seq, valid_from, valid_to)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""";

    private final Connection connection;
    private final FactBatch batch;

    private record Progress(long nextSeq, List<Long> changed) {}

    FactTransaction(Connection connection, FactBatch batch) {
        this.connection = connection;
        this.batch = batch;
    }

    void run(List<ExtractedFact> facts, String extractor) throws SQLException {
        Progress progress = lockedProgress();
        if (progress == null || progress.nextSeq() - 1 < batch.afterSeq()) {
            return;
        }
        Map<Long, Message> unchanged = new HashMap<>();
        NavigableSet<Long> waiting = new TreeSet<>(progress.changed());
        waiting.removeAll(batch.changed());
        Map<Long, Instant> stored = updateTimes();
        for (Message message : batch.messages()) {
            Instant now = stored.get(message.seq());
            if (message.updatedAt().equals(now)) {
                unchanged.put(message.seq(), message);
                waiting.remove(message.seq());
            } else if (now != null) {
                waiting.add(message.seq());
            }
        }
        new FactRows(connection)
                .forget(batch.messages().stream()
                        .map(message -> new MessagePlace(batch.userId(), batch.sessionId(), message.seq()))
                        .toList());
        insert(
                facts.stream()
                        .filter(fact -> unchanged.keySet().containsAll(fact.evidence()))
                        .toList(),
                unchanged,
                extractor);
        moveOn(waiting);
    }

    /** Locks the session's row; null where it is gone, or has nothing that waits for facts. */
    private @Nullable Progress lockedProgress() throws SQLException {
        if (!Statements.exists(connection, "SELECT FROM sessions WHERE id = ? FOR NO KEY UPDATE", batch.sessionId())) {
            return null;
        }
        return Statements.query(
                        connection,
                        "SELECT next_seq, changed FROM fact_progress WHERE session_id = ?",
                        row -> new Progress(
                                row.getLong(1), List.of((Long[]) row.getArray(2).getArray())),
                        batch.sessionId())
                .stream()
                .findFirst()
                .orElse(null);
    }

    /** When the batch's messages were last changed, those that are still there. */
    private Map<Long, Instant> updateTimes() throws SQLException {
        Map<Long, Instant> times = new HashMap<>();
        Statements.query(
                        connection,
                        "SELECT seq, updated_at FROM messages WHERE session_id = ? AND seq = ANY (?)",
                        row -> Map.entry(row.getLong(1), Timestamps.read(row, 2)),
                        batch.sessionId(),
                        connection.createArrayOf(
                                "int8",
                                batch.messages().stream().map(Message::seq).toArray()))
                .forEach(entry -> times.put(entry.getKey(), entry.getValue()));
        return times;
    }

    private void insert(List<ExtractedFact> facts, Map<Long, Message> messages, String extractor) throws SQLException {
        if (facts.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
            for (ExtractedFact fact : facts) {
                long saidSeq = fact.evidence().get(fact.evidence().size() - 1);
                Instant saidAt = Objects.requireNonNull(messages.get(saidSeq)).createdAt();
                Instant validFrom = fact.validFrom() == null ? saidAt : fact.validFrom();
                int column = 1;
                for (Object value : new Object[] {
                    fact.idIn(batch.sessionId()),
                    batch.userId(),
                    batch.sessionId(),
                    fact.slotKey(),
                    fact.subject(),
                    fact.predicate(),
                    fact.object(),
                    fact.text(),
                    fact.confidence(),
                    extractor,
                    Timestamps.parameter(saidAt),
                    saidSeq,
                    Timestamps.parameter(validFrom)
                }) {
                    statement.setObject(column++, value);
                }
                statement.setObject(column, fact.validTo() == null ? null : Timestamps.parameter(fact.validTo()));
                statement.addBatch();
            }
            statement.executeBatch();
        }
        insertEvidence(facts);
    }

    private void insertEvidence(List<ExtractedFact> facts) throws SQLException {
        record Evidence(String factId, long seq) {}
        List<Evidence> evidence = facts.stream()
                .flatMap(fact -> fact.evidence().stream().map(seq -> new Evidence(fact.idIn(batch.sessionId()), seq)))
                .toList();
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO fact_evidence (session_id, seq, fact_id)
                SELECT * FROM unnest(?::text[], ?::bigint[], ?::text[]) ON CONFLICT DO NOTHING""")) {
            new RowArrays<>(statement, evidence)
                    .texts(each -> batch.sessionId())
                    .int64s(Evidence::seq)
                    .texts(Evidence::factId);
            statement.executeUpdate();
        }
    }

    /** Lets the session wait behind the others for what is left, or not at all. */
    private void moveOn(NavigableSet<Long> changed) throws SQLException {
        Statements.execute(
                connection,
                """
                UPDATE fact_progress SET next_seq = greatest(next_seq, ?), changed = ?,
                    waiting_since = CASE WHEN greatest(next_seq, ?) <= last_seq OR ? > 0 THEN clock_timestamp() END
                WHERE session_id = ?""",
                batch.upToSeq() + 1,
                connection.createArrayOf("int8", changed.toArray()),
                batch.upToSeq() + 1,
                changed.size(),
                batch.sessionId());
    }
}
