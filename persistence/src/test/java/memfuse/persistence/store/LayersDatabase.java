package memfuse.persistence.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import memfuse.persistence.database.Database;
import memfuse.persistence.testing.TestDatabase;
import memfuse.protocol.auth.KeyStore;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.facts.FactStore;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.testkit.LayerStoreFixture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The stores of a test class on a database of its own. */
final class LayersDatabase implements LayerStoreFixture, AfterAllCallback {
    static final String MODEL = "model-1";

    private final TestDatabase testDatabase = TestDatabase.migrated();
    private final Database database = Database.open(testDatabase.settings().withPoolSizes(1, 8));
    private final PostgresDirectory directory = new PostgresDirectory(database.dataSource());
    private final PostgresKeyStore keys = new PostgresKeyStore(database.dataSource());
    private final PostgresLayerStore store = storeOf(MODEL);
    private final PostgresKnowledgeStore knowledge = knowledgeOf(MODEL);
    private final PostgresFactStore facts = new PostgresFactStore(database.dataSource());

    DataSource dataSource() {
        return database.dataSource();
    }

    TestDatabase testDatabase() {
        return testDatabase;
    }

    PostgresLayerStore storeOf(@Nullable String model) {
        return new PostgresLayerStore(database.dataSource(), new JsonSerializer(), model);
    }

    PostgresKnowledgeStore knowledgeOf(@Nullable String model) {
        return new PostgresKnowledgeStore(database.dataSource(), model);
    }

    /** Empties all tables. */
    LayersDatabase cleared() {
        execute("TRUNCATE users, api_keys, agents, sessions, messages, memory_units, knowledge, knowledge_units,"
                + " facts, fact_evidence, fact_progress, append_answers, imports, erasures, event_journal, snapshot");
        return this;
    }

    KeyStore keys() {
        return keys;
    }

    @Override
    public LayerStore store() {
        return store;
    }

    @Override
    public KnowledgeStore knowledge() {
        return knowledge;
    }

    @Override
    public FactStore facts() {
        return facts;
    }

    @Override
    public Directory directory() {
        return directory;
    }

    @Override
    public void journal(String sessionId, long journalSeq) {
        execute(
                "INSERT INTO event_journal (persistence_id, sequence_number, writer, adapter_manifest, event_ser_id,"
                        + " event_ser_manifest, event_payload) VALUES (?, ?, 'w', '', 1, 'event', 'event')",
                SessionProtocol.persistenceId(sessionId),
                journalSeq);
    }

    int execute(String sql, Object... parameters) {
        try (Connection connection = dataSource().getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The rows of a query, their columns joined by commas. */
    List<String> rows(String sql) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    row.add(rows.getString(i));
                }
                found.add(String.join(",", row));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How the server answers a query of a transaction. */
    List<String> plan(String sql, Object... parameters) {
        return new Transactions(dataSource(), Duration.ofSeconds(10)).together("explaining", connection -> {
            try (PreparedStatement statement = connection.prepareStatement("EXPLAIN " + sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                List<String> lines = new ArrayList<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        lines.add(rows.getString(1));
                    }
                }
                return lines;
            }
        });
    }

    @Override
    public void afterAll(ExtensionContext context) throws SQLException {
        database.close();
        testDatabase.close();
    }
}
