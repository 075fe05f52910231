package memfuse.persistence.store;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.directory.Session;
import org.jspecify.annotations.Nullable;

/** The directory in PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresDirectory implements Directory {
    private static final String UNIQUE_VIOLATION = "23505";
    private static final String ENTITY = "id, name, description, created_at, updated_at";
    private static final String SESSION = "id, user_id, agent_id, name, created_at, updated_at";

    private final Transactions transactions;

    public PostgresDirectory(DataSource dataSource) {
        this(dataSource, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresDirectory(DataSource dataSource, Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
    }

    @Override
    public List<Entity> list(EntityKind kind) {
        return query(
                "SELECT " + ENTITY + " FROM " + table(kind) + " ORDER BY created_at, id", PostgresDirectory::entity);
    }

    @Override
    public long listBytes(EntityKind kind) {
        return query(
                        "SELECT coalesce(sum(" + OVERHEAD_BYTES
                                + " + octet_length(name) + coalesce(octet_length(description), 0)), 0) FROM "
                                + table(kind),
                        row -> row.getLong(1))
                .get(0);
    }

    @Override
    public Optional<Entity> find(EntityKind kind, String id) {
        return query("SELECT " + ENTITY + " FROM " + table(kind) + " WHERE id = ?", PostgresDirectory::entity, id)
                .stream()
                .findFirst();
    }

    @Override
    public Optional<Entity> findByName(EntityKind kind, String name) {
        return query("SELECT " + ENTITY + " FROM " + table(kind) + " WHERE name = ?", PostgresDirectory::entity, name)
                .stream()
                .findFirst();
    }

    @Override
    public boolean create(EntityKind kind, Entity entity) {
        return transactions.together("creating a " + kind.wireName(), connection -> {
            int created = Statements.execute(
                    connection,
                    "INSERT INTO " + table(kind) + " (" + ENTITY + ") VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    entity.id(),
                    entity.name(),
                    entity.description(),
                    Timestamps.parameter(entity.createdAt()),
                    Timestamps.parameter(entity.updatedAt()));
            return created > 0
                    || Statements.exists(
                            connection,
                            "SELECT FROM " + table(kind) + " WHERE id = ? AND name = ?",
                            entity.id(),
                            entity.name());
        });
    }

    @Override
    public Updated<Entity> update(
            EntityKind kind, String id, @Nullable String name, @Nullable String description, Instant updatedAt) {
        return update(
                "updating a " + kind.wireName(),
                "UPDATE " + table(kind) + " SET name = coalesce(?, name), description = coalesce(?, description),"
                        + " updated_at = ? WHERE id = ? RETURNING " + ENTITY,
                PostgresDirectory::entity,
                name,
                description,
                Timestamps.parameter(updatedAt),
                id);
    }

    @Override
    public boolean deleteAgent(String id) {
        return transactions.together(
                "deleting an agent",
                connection -> Statements.execute(connection, "DELETE FROM agents WHERE id = ?", id) > 0);
    }

    @Override
    public List<Session> sessions(@Nullable String userId, @Nullable String agentId, @Nullable String name) {
        return sessions(SESSION, " ORDER BY created_at, id", PostgresDirectory::session, userId, agentId, name);
    }

    @Override
    public long sessionsBytes(@Nullable String userId, @Nullable String agentId, @Nullable String name) {
        String bytes = "coalesce(sum(" + OVERHEAD_BYTES + " + octet_length(name)), 0)";
        return sessions(bytes, "", row -> row.getLong(1), userId, agentId, name).get(0);
    }

    private <T> List<T> sessions(
            String columns,
            String order,
            Statements.Row<T> reader,
            @Nullable String userId,
            @Nullable String agentId,
            @Nullable String name) {
        List<String> conditions = new ArrayList<>();
        List<Object> parameters = new ArrayList<>();
        filter(conditions, parameters, "user_id = ?", userId);
        filter(conditions, parameters, "agent_id = ?", agentId);
        filter(conditions, parameters, "name = ?", name);
        String where = conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
        return query("SELECT " + columns + " FROM sessions" + where + order, reader, parameters.toArray());
    }

    private static void filter(
            List<String> conditions, List<Object> parameters, String condition, @Nullable String value) {
        if (value != null) {
            conditions.add(condition);
            parameters.add(value);
        }
    }

    @Override
    public Optional<Session> session(String id) {
        return query("SELECT " + SESSION + " FROM sessions WHERE id = ?", PostgresDirectory::session, id).stream()
                .findFirst();
    }

    @Override
    public boolean createSession(Session session) {
        return transactions.together("creating a session", connection -> {
            int created = Statements.execute(
                    connection,
                    "INSERT INTO sessions (" + SESSION + ") VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    session.id(),
                    session.userId(),
                    session.agentId(),
                    session.name(),
                    Timestamps.parameter(session.createdAt()),
                    Timestamps.parameter(session.updatedAt()));
            return created > 0
                    || Statements.exists(
                            connection,
                            "SELECT FROM sessions WHERE id = ? AND user_id = ? AND name = ?",
                            session.id(),
                            session.userId(),
                            session.name());
        });
    }

    @Override
    public Updated<Session> renameSession(String id, String name, Instant updatedAt) {
        return update(
                "renaming a session",
                "UPDATE sessions SET name = ?, updated_at = ? WHERE id = ? RETURNING " + SESSION,
                PostgresDirectory::session,
                name,
                Timestamps.parameter(updatedAt),
                id);
    }

    private <T> Updated<T> update(String what, String sql, Statements.Row<T> row, @Nullable Object... parameters) {
        return transactions.together(what, connection -> {
            try {
                return Statements.query(connection, sql, row, parameters).stream()
                        .findFirst()
                        .map(Updated::done)
                        .orElseGet(Updated::notFound);
            } catch (SQLException e) {
                if (!UNIQUE_VIOLATION.equals(e.getSQLState())) {
                    throw e;
                }
                connection.rollback();
                return Updated.nameTaken();
            }
        });
    }

    private <T> List<T> query(String sql, Statements.Row<T> row, @Nullable Object... parameters) {
        return transactions.each(
                "reading the directory", connection -> Statements.query(connection, sql, row, parameters));
    }

    private static Entity entity(ResultSet row) throws SQLException {
        return new Entity(
                row.getString(1), row.getString(2), row.getString(3), Timestamps.read(row, 4), Timestamps.read(row, 5));
    }

    private static Session session(ResultSet row) throws SQLException {
        return new Session(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                Timestamps.read(row, 5),
                Timestamps.read(row, 6));
    }

    private static String table(EntityKind kind) {
        return switch (kind) {
            case USER -> "users";
            case AGENT -> "agents";
        };
    }

    @Override
    public Optional<ErasureReceipt> erasure(String id) {
        String sql = "SELECT id, kind, user_id, erased_at, layers, counts FROM erasures WHERE id = ?";
        return transactions.each(
                "reading a receipt",
                connection -> Statements.query(connection, sql, PostgresDirectory::receipt, id).stream()
                        .findFirst());
    }

    private static ErasureReceipt receipt(ResultSet row) throws SQLException {
        String[] layers = (String[]) row.getArray(5).getArray();
        Long[] rows = (Long[]) row.getArray(6).getArray();
        Map<String, Long> counts = new LinkedHashMap<>();
        for (int i = 0; i < layers.length; i++) {
            counts.put(layers[i], rows[i]);
        }
        return new ErasureReceipt(
                row.getString(1), row.getString(2), row.getString(3), Timestamps.read(row, 4), counts);
    }
}
