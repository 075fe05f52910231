package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import memfuse.protocol.auth.ApiKey;
import memfuse.protocol.auth.KeyDigest;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.auth.Permissions;
import org.jspecify.annotations.Nullable;

/** The API keys in PostgreSQL; thread-safe, each call on a connection of its own. */
public final class PostgresKeyStore implements KeyStore {
    private static final String KEY = "id, user_id, name, may_read, may_write, is_admin, created_at, expires_at";

    private final Transactions transactions;

    public PostgresKeyStore(DataSource dataSource) {
        this(dataSource, Transactions.AS_CONNECTED);
    }

    /** @param statementTimeout the longest that a writing statement may take, its wait for locks included */
    public PostgresKeyStore(DataSource dataSource, Duration statementTimeout) {
        transactions = new Transactions(dataSource, statementTimeout);
    }

    @Override
    public byte[] salt() {
        return transactions.each(
                "reading the salt of the API keys",
                connection ->
                        only(Statements.query(connection, "SELECT salt FROM api_key_state", row -> row.getBytes(1))));
    }

    @Override
    public Created create(ApiKey key, KeyDigest digest) {
        return transactions.together("creating an API key", connection -> {
            String user = "SELECT FROM users WHERE id = ? FOR NO KEY UPDATE"; // against erasure, and for the count
            if (!Statements.exists(connection, user, key.userId())) {
                return Created.NO_SUCH_USER;
            }
            String count = "SELECT count(*) FROM api_keys WHERE user_id = ?";
            if (only(Statements.query(connection, count, row -> row.getInt(1), key.userId())) >= MAX_KEYS_OF_USER) {
                return Created.TOO_MANY;
            }
            return insert(connection, key, digest) > 0 ? Created.DONE : Created.TAKEN;
        });
    }

    private static int insert(Connection connection, ApiKey key, KeyDigest digest) throws SQLException {
        return Statements.execute(
                connection,
                "INSERT INTO api_keys (" + KEY + ", digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                key.id(),
                key.userId(),
                key.name(),
                key.permissions().read(),
                key.permissions().write(),
                key.permissions().admin(),
                Timestamps.parameter(key.createdAt()),
                key.expiresAt() == null ? null : Timestamps.parameter(key.expiresAt()),
                digest.bytes());
    }

    @Override
    public List<ApiKey> ofUser(String userId) {
        String sql = "SELECT " + KEY + " FROM api_keys WHERE user_id = ? ORDER BY created_at, id";
        return transactions.each(
                "reading API keys", connection -> Statements.query(connection, sql, row -> key(row, 1), userId));
    }

    @Override
    public boolean delete(String userId, String keyId) {
        return transactions.together(
                "deleting an API key",
                connection ->
                        delete(connection, "DELETE FROM api_keys WHERE user_id = ? AND id = ?", userId, keyId) > 0);
    }

    /** Deletes all keys of a user within the connection's transaction. */
    static int deleteAll(Connection connection, String userId) throws SQLException {
        return delete(connection, "DELETE FROM api_keys WHERE user_id = ?", userId);
    }

    private static int delete(Connection connection, String sql, Object... parameters) throws SQLException {
        int deleted = Statements.execute(connection, sql, parameters);
        if (deleted > 0) {
            Statements.execute(connection, "UPDATE api_key_state SET revision = revision + 1");
        }
        return deleted;
    }

    @Override
    public long revision() {
        return transactions.each(
                "reading the revision of the API keys",
                connection -> only(
                        Statements.query(connection, "SELECT revision FROM api_key_state", row -> row.getLong(1))));
    }

    @Override
    public Found find(Collection<KeyDigest> digests) {
        byte[][] wanted = digests.stream().map(KeyDigest::bytes).toArray(byte[][]::new);
        // One statement sees keys and revision at the same moment.
        String sql = "SELECT revision, digest, " + KEY + " FROM api_key_state LEFT JOIN api_keys ON digest = ANY (?)";
        return transactions.each("reading API keys", connection -> {
            Map<KeyDigest, ApiKey> keys = new HashMap<>();
            List<Long> revisions = Statements.query(
                    connection,
                    sql,
                    row -> {
                        byte[] digest = row.getBytes(2);
                        if (digest != null) {
                            keys.put(KeyDigest.of(digest), key(row, 3));
                        }
                        return row.getLong(1);
                    },
                    connection.createArrayOf("bytea", wanted));
            return new Found(revisions.get(0), keys);
        });
    }

    private static ApiKey key(ResultSet row, int first) throws SQLException {
        return new ApiKey(
                row.getString(first),
                row.getString(first + 1),
                row.getString(first + 2),
                new Permissions(row.getBoolean(first + 3), row.getBoolean(first + 4), row.getBoolean(first + 5)),
                Timestamps.read(row, first + 6),
                expiry(row, first + 7));
    }

    private static @Nullable Instant expiry(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class) == null ? null : Timestamps.read(row, column);
    }

    private static <T> T only(List<T> rows) {
        return rows.get(0);
    }
}
