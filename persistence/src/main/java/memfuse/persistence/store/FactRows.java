package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import memfuse.protocol.store.SessionFlush;

/**
 * The rows of M2 that go with a flush: facts that lose their evidence, and what waits for facts. The sessions are locked.
 */
final class FactRows {
    /** Facts of these messages, with all their evidence. */
    static final String FORGET = """
            WITH gone AS MATERIALIZED (
                SELECT DISTINCT e.fact_id FROM unnest(?::text[], ?::bigint[]) AS f (session_id, seq)
                    JOIN fact_evidence e ON e.session_id = f.session_id AND e.seq = f.seq),
            facts_gone AS (DELETE FROM facts USING gone WHERE facts.id = gone.fact_id)
            DELETE FROM fact_evidence e USING gone WHERE e.fact_id = gone.fact_id""";

    private static final String FORGET_TAILS = FORGET.replace("e.seq = f.seq", "e.seq > f.seq");

    private static final String GO_BACK = """
            UPDATE fact_progress p SET next_seq = least(p.next_seq, f.after_seq + 1)
            FROM unnest(?::text[], ?::bigint[]) AS f (session_id, after_seq)
            WHERE p.session_id = f.session_id""";

    /** Of those that were not extracted from yet, it is enough that they come later. */
    private static final String CHANGED = """
            UPDATE fact_progress p
            SET changed = ARRAY(SELECT DISTINCT s FROM unnest(p.changed || f.seqs) AS s WHERE s < p.next_seq)
            FROM (SELECT session_id, array_agg(seq) AS seqs FROM unnest(?::text[], ?::bigint[]) AS c (session_id, seq)
                GROUP BY session_id) f
            WHERE p.session_id = f.session_id""";

    static final String WAIT = """
            INSERT INTO fact_progress AS p (session_id, user_id, next_seq, last_seq, waiting_since)
            SELECT f.session_id, f.user_id, 1, f.last_seq, now()
            FROM unnest(?::text[], ?::text[], ?::bigint[]) AS f (session_id, user_id, last_seq)
            ON CONFLICT (session_id) DO UPDATE
                SET last_seq = excluded.last_seq, waiting_since = coalesce(p.waiting_since, excluded.waiting_since)""";

    private final Connection connection;

    FactRows(Connection connection) {
        this.connection = connection;
    }

    /** Removes the facts of messages that are no more what they were. */
    void forget(Collection<MessagePlace> places) throws SQLException {
        ofPlaces(FORGET, places);
    }

    /** The tails of these sessions are written anew: so are their facts. */
    void removeTails(List<SessionFlush> flushes) throws SQLException {
        for (String sql : List.of(FORGET_TAILS, GO_BACK)) {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                new RowArrays<>(statement, flushes)
                        .texts(SessionFlush::sessionId)
                        .int64s(SessionFlush::afterSeq);
                statement.executeUpdate();
            }
        }
    }

    /** These sessions have something that waits for its facts, messages changed since their facts were found among it. */
    void await(List<SessionFlush> flushes, Collection<MessagePlace> changed) throws SQLException {
        ofPlaces(CHANGED, changed);
        try (PreparedStatement statement = connection.prepareStatement(WAIT)) {
            new RowArrays<>(statement, flushes)
                    .texts(SessionFlush::sessionId)
                    .texts(SessionFlush::userId)
                    .int64s(flush -> flush.marker().lastSeq());
            statement.executeUpdate();
        }
    }

    private void ofPlaces(String sql, Collection<MessagePlace> places) throws SQLException {
        if (places.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            new RowArrays<>(statement, List.copyOf(places))
                    .texts(MessagePlace::sessionId)
                    .int64s(MessagePlace::seq);
            statement.executeUpdate();
        }
    }
}
