package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import memfuse.protocol.store.UnitVector;
import org.jspecify.annotations.Nullable;

/** The completion of pending units, in the transaction of the connection it is given. */
final class VectorTransaction {
    /** Asks for a pending unit in a form that keeps the planner from the index of all of them. */
    static final String STORE = """
            UPDATE memory_units u SET vector = f.vector, model = f.model, pending_since = NULL
            FROM unnest(?::text[], ?::bigint[], ?::int[], ?::text[], ?::text[], ?::bytea[], ?::text[])
                    AS f (session_id, seq, chunk_no, user_id, embedded_text, vector, model)
                JOIN messages m ON m.session_id = f.session_id AND m.seq = f.seq
            WHERE u.user_id = f.user_id AND u.session_id = f.session_id AND u.seq = f.seq
                AND u.chunk_no = f.chunk_no AND coalesce(u.pending_since, '-infinity') <> '-infinity'
                AND coalesce(m.name || ': ', '') || coalesce(u.text, m.content) = f.embedded_text""";

    /** The same for knowledge. */
    static final String STORE_OF_KNOWLEDGE = """
            UPDATE knowledge_units u SET vector = f.vector, model = f.model, pending_since = NULL
            FROM unnest(?::text[], ?::bigint[], ?::int[], ?::text[], ?::bytea[], ?::text[])
                    AS f (user_id, number, chunk_no, embedded_text, vector, model)
                JOIN knowledge k ON k.user_id = f.user_id AND k.number = f.number
            WHERE u.user_id = f.user_id AND u.number = f.number
                AND u.chunk_no = f.chunk_no AND coalesce(u.pending_since, '-infinity') <> '-infinity'
                AND coalesce(u.text, k.content) = f.embedded_text""";

    private final Connection connection;
    private final String embeddingModel;

    VectorTransaction(Connection connection, String embeddingModel) {
        this.connection = connection;
        this.embeddingModel = embeddingModel;
    }

    void run(List<UnitVector> vectors) throws SQLException {
        Map<Boolean, List<UnitVector>> byKind = vectors.stream()
                .collect(Collectors.partitioningBy(vector -> vector.key().fromKnowledge()));
        // Users before sessions, as an erasure goes.
        runOfKnowledge(byKind.getOrDefault(true, List.of()));
        runOfMessages(byKind.getOrDefault(false, List.of()));
    }

    private void runOfKnowledge(List<UnitVector> vectors) throws SQLException {
        if (vectors.isEmpty()) {
            return;
        }
        lock("SELECT FROM users WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE", vectors, UnitVector::userId);
        try (PreparedStatement statement = connection.prepareStatement(STORE_OF_KNOWLEDGE)) {
            new RowArrays<>(statement, vectors)
                    .texts(UnitVector::userId)
                    .int64s(vector -> vector.key().seq())
                    .int32s(vector -> vector.key().chunkNo())
                    .texts(UnitVector::embeddedText)
                    .bytes(vector -> Vectors.toBytes(vector.vector()))
                    .texts(vector -> embeddingModel);
            statement.executeUpdate();
        }
    }

    private void runOfMessages(List<UnitVector> vectors) throws SQLException {
        if (vectors.isEmpty()) {
            return;
        }
        lock(
                "SELECT FROM sessions WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE",
                vectors,
                vector -> vector.key().sessionId());
        try (PreparedStatement statement = connection.prepareStatement(STORE)) {
            new RowArrays<>(statement, vectors)
                    .texts(vector -> vector.key().sessionId())
                    .int64s(vector -> vector.key().seq())
                    .int32s(vector -> vector.key().chunkNo())
                    .texts(UnitVector::userId)
                    .texts(UnitVector::embeddedText)
                    .bytes(vector -> Vectors.toBytes(vector.vector()))
                    .texts(vector -> embeddingModel);
            statement.executeUpdate();
        }
    }

    private void lock(String sql, List<UnitVector> vectors, Function<UnitVector, @Nullable String> owner)
            throws SQLException {
        try (PreparedStatement lock = connection.prepareStatement(sql)) {
            new RowArrays<>(lock, vectors).texts(owner);
            lock.execute();
        }
    }
}
