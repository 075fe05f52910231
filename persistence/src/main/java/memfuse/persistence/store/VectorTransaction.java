package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import memfuse.protocol.store.UnitVector;

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

    private final Connection connection;
    private final String embeddingModel;

    VectorTransaction(Connection connection, String embeddingModel) {
        this.connection = connection;
        this.embeddingModel = embeddingModel;
    }

    void run(List<UnitVector> vectors) throws SQLException {
        try (PreparedStatement lock =
                connection.prepareStatement("SELECT FROM sessions WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE")) {
            new RowArrays<>(lock, vectors).texts(vector -> vector.key().sessionId());
            lock.execute();
        }
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
}
