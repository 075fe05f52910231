package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.memory.Message;
import org.jspecify.annotations.Nullable;

/** What is read of M2, and the messages that wait for it. */
final class FactReads {
    static final String WAITING = """
            SELECT session_id, user_id, next_seq, changed, last_seq FROM fact_progress
            WHERE waiting_since IS NOT NULL ORDER BY waiting_since LIMIT ?""";

    private static final String MESSAGES = "SELECT " + MessageColumns.LIST + " FROM messages m WHERE m.session_id = ?";

    /** Each fact with the next one of its slot, which took its place. */
    static final String FACTS = """
            SELECT f.id, f.session_id, f.subject, f.predicate, f.object, f.text, f.said_at, f.valid_from, f.held_until,
                f.superseded_by, f.confidence, f.extractor,
                ARRAY(SELECT m.id FROM fact_evidence e JOIN messages m ON m.session_id = e.session_id AND m.seq = e.seq
                    WHERE e.fact_id = f.id ORDER BY e.seq),
                ARRAY(SELECT e.seq FROM fact_evidence e WHERE e.fact_id = f.id ORDER BY e.seq)
            FROM (
                SELECT *, lead(id) OVER slots AS superseded_by,
                    CASE WHEN lead(id) OVER slots IS NULL THEN valid_to
                        ELSE greatest(valid_from, least(valid_to, lead(valid_from) OVER slots)) END AS held_until
                FROM facts WHERE user_id = ?
                WINDOW slots AS (PARTITION BY slot ORDER BY said_at, session_id, said_seq, id)
            ) f
            WHERE (?::boolean OR f.superseded_by IS NULL)
                AND f.valid_from <= coalesce(?::timestamptz, 'infinity')
                AND coalesce(f.held_until, 'infinity') > coalesce(?::timestamptz, '-infinity')
            ORDER BY f.said_at DESC, f.session_id DESC, f.said_seq DESC, f.id DESC LIMIT ?""";

    private final Connection connection;

    private record Waiting(String sessionId, String userId, long nextSeq, List<Long> changed, long lastSeq) {}

    FactReads(Connection connection) {
        this.connection = connection;
    }

    List<FactBatch> waiting(int sessions, int messages, int tokens, Set<String> except) throws SQLException {
        List<FactBatch> batches = new ArrayList<>();
        List<Waiting> all = Statements.query(connection, WAITING, FactReads::waiting, (long) sessions + except.size());
        for (Waiting waiting : all) {
            if (batches.size() < sessions && !except.contains(waiting.sessionId())) {
                batches.add(
                        waiting.changed().isEmpty()
                                ? next(waiting, messages, tokens)
                                : changed(waiting, messages, tokens));
            }
        }
        return batches;
    }

    private static Waiting waiting(ResultSet row) throws SQLException {
        return new Waiting(
                row.getString(1),
                row.getString(2),
                row.getLong(3),
                List.of((Long[]) row.getArray(4).getArray()),
                row.getLong(5));
    }

    private FactBatch next(Waiting waiting, int messages, int tokens) throws SQLException {
        List<Message> next = Statements.query(
                connection,
                MESSAGES + " AND m.seq >= ? AND m.seq <= ? ORDER BY m.seq LIMIT ?",
                MessageColumns::read,
                waiting.sessionId(),
                waiting.nextSeq(),
                waiting.lastSeq(),
                messages);
        List<Message> fitting = within(next, tokens);
        boolean all = next.size() < messages && fitting.size() == next.size();
        return new FactBatch(
                waiting.userId(),
                waiting.sessionId(),
                fitting,
                waiting.nextSeq() - 1,
                all
                        ? Math.max(waiting.lastSeq(), waiting.nextSeq() - 1)
                        : fitting.get(fitting.size() - 1).seq(),
                List.of());
    }

    private FactBatch changed(Waiting waiting, int messages, int tokens) throws SQLException {
        List<Long> seqs = waiting.changed().stream().sorted().limit(messages).toList();
        List<Message> there = Statements.query(
                connection,
                MESSAGES + " AND m.seq = ANY (?) ORDER BY m.seq",
                MessageColumns::read,
                waiting.sessionId(),
                connection.createArrayOf("int8", seqs.toArray()));
        List<Message> fitting = within(there, tokens);
        long last = fitting.size() == there.size()
                ? Long.MAX_VALUE
                : fitting.get(fitting.size() - 1).seq();
        return new FactBatch(
                waiting.userId(),
                waiting.sessionId(),
                fitting,
                waiting.nextSeq() - 1,
                waiting.nextSeq() - 1,
                seqs.stream().filter(seq -> seq <= last).toList());
    }

    /** The first messages of together so many tokens, one at least. */
    private static List<Message> within(List<Message> messages, int tokens) {
        int count = 0;
        long sum = 0;
        while (count < messages.size()
                && (count == 0 || sum + messages.get(count).tokens() <= tokens)) {
            sum += messages.get(count++).tokens();
        }
        return messages.subList(0, count);
    }

    OptionalLong firstWaiting(String sessionId) throws SQLException {
        List<Waiting> waiting = Statements.query(
                connection,
                "SELECT session_id, user_id, next_seq, changed, last_seq FROM fact_progress"
                        + " WHERE session_id = ? AND waiting_since IS NOT NULL",
                FactReads::waiting,
                sessionId);
        return waiting.stream()
                .mapToLong(each -> each.changed().stream().mapToLong(seq -> seq).reduce(each.nextSeq(), Math::min))
                .findFirst();
    }

    List<Fact> facts(String userId, FactQuery query) throws SQLException {
        OffsetDateTime at = query.at() == null ? null : Timestamps.parameter(query.at());
        return Statements.query(
                connection, FACTS, FactReads::fact, userId, query.superseded() || at != null, at, at, query.limit());
    }

    private static Fact fact(ResultSet row) throws SQLException {
        return new Fact(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                row.getString(5),
                row.getString(6),
                evidence((String[]) row.getArray(13).getArray(), (Long[])
                        row.getArray(14).getArray()),
                Timestamps.read(row, 7),
                Timestamps.read(row, 8),
                time(row, 9),
                row.getString(10),
                row.getDouble(11),
                row.getString(12));
    }

    private static List<Fact.Evidence> evidence(String[] messageIds, Long[] seqs) {
        return IntStream.range(0, messageIds.length)
                .mapToObj(i -> new Fact.Evidence(messageIds[i], seqs[i]))
                .toList();
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
