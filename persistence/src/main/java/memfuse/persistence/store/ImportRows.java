package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.transfer.Imported;

/** The rows around an import's messages and knowledge. */
final class ImportRows {
    /** The place of the marker in the journal of a session that was imported: its first event. */
    static final long MARKER_SEQ = 1;

    private final Connection connection;
    private final JournalSerializer serializer;

    ImportRows(Connection connection, JournalSerializer serializer) {
        this.connection = connection;
        this.serializer = serializer;
    }

    Optional<Imported> find(String userId, String fingerprint) throws SQLException {
        return Statements.query(
                        connection,
                        "SELECT imported, serializer_id, manifest FROM imports WHERE user_id = ? AND fingerprint = ?",
                        row -> serializer.deserialize(
                                new SerializedEvent(row.getBytes(1), row.getInt(2), row.getString(3)), Imported.class),
                        userId,
                        fingerprint)
                .stream()
                .findFirst();
    }

    void insert(String userId, String fingerprint, Imported imported) throws SQLException {
        SerializedEvent serialized = serializer.serialize(imported);
        Statements.execute(
                connection,
                "INSERT INTO imports (user_id, fingerprint, imported_at, imported, serializer_id, manifest)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                userId,
                fingerprint,
                Timestamps.parameter(imported.importedAt()),
                serialized.payload(),
                serialized.serializerId(),
                serialized.manifest());
    }

    /** One of the ids that a message of the session has; nothing where none has. */
    Optional<String> takenOf(String sessionId, Collection<String> messageIds) throws SQLException {
        return Statements.query(
                        connection,
                        "SELECT id FROM messages WHERE session_id = ? AND id = ANY (?) LIMIT 1",
                        row -> row.getString(1),
                        sessionId,
                        connection.createArrayOf("text", messageIds.toArray()))
                .stream()
                .findFirst();
    }

    /**
     * The ids of the agents of these names, created where there are none; in the order of their names, so that no two
     * imports wait for each other.
     *
     * @param agents by their ids in the file
     * @return ids, by those in the file
     */
    Map<String, String> agents(Map<String, Entity> agents) throws SQLException {
        Map<String, String> ids = new LinkedHashMap<>();
        for (Map.Entry<String, Entity> entry : agents.entrySet().stream()
                .sorted(Comparator.comparing(one -> one.getValue().name()))
                .toList()) {
            Entity agent = entry.getValue();
            Statements.execute(
                    connection,
                    "INSERT INTO agents (id, name, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?)"
                            + " ON CONFLICT DO NOTHING",
                    agent.id(),
                    agent.name(),
                    agent.description(),
                    Timestamps.parameter(agent.createdAt()),
                    Timestamps.parameter(agent.updatedAt()));
            List<String> found = Statements.query(
                    connection, "SELECT id FROM agents WHERE name = ?", row -> row.getString(1), agent.name());
            ids.put(entry.getKey(), found.isEmpty() ? agent.id() : found.get(0));
        }
        return ids;
    }

    /**
     * Inserts sessions of a user whose row is locked, under names that are free.
     *
     * @param agentIds ids of agents, by those in the file; an agent that is not among them keeps its id
     */
    void insertSessions(String userId, List<Session> sessions, Map<String, String> agentIds) throws SQLException {
        FreeNames names = new FreeNames(Statements.query(
                connection, "SELECT name FROM sessions WHERE user_id = ?", row -> row.getString(1), userId));
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO sessions (id, user_id, agent_id, name, created_at, updated_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?)")) {
            for (Session session : sessions) {
                statement.setString(1, session.id());
                statement.setString(2, userId);
                statement.setString(3, agentIds.getOrDefault(session.agentId(), session.agentId()));
                statement.setString(4, names.take(session.name()));
                statement.setObject(5, Timestamps.parameter(session.createdAt()));
                statement.setObject(6, Timestamps.parameter(session.updatedAt()));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    /** Has these sessions wait for their facts. */
    void awaitFacts(String userId, Map<String, Flushed> markers) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(FactRows.WAIT)) {
            new RowArrays<>(statement, List.copyOf(markers.entrySet()))
                    .texts(Map.Entry::getKey)
                    .texts(marker -> userId)
                    .int64s(marker -> marker.getValue().lastSeq());
            statement.executeUpdate();
        }
    }

    /** Gives sessions the journal of one whose flush is done; without it they would take what is in M0 for left over. */
    void insertMarkers(Map<String, Flushed> markers, Instant writtenAt) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("""
                INSERT INTO event_journal (persistence_id, sequence_number, writer, write_timestamp, adapter_manifest,
                    event_payload, event_ser_id, event_ser_manifest)
                VALUES (?, ?, 'import', ?, 'flushed', ?, ?, ?)""")) {
            for (Map.Entry<String, Flushed> marker : markers.entrySet()) {
                SerializedEvent event = serializer.serialize(marker.getValue());
                statement.setString(1, SessionProtocol.persistenceId(marker.getKey()));
                statement.setLong(2, MARKER_SEQ);
                statement.setLong(3, writtenAt.toEpochMilli());
                statement.setBytes(4, event.payload());
                statement.setInt(5, event.serializerId());
                statement.setString(6, event.manifest());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
