package memfuse.persistence.database;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The actor system's configuration that puts the journal and the snapshots into a database. */
public final class JournalConfig {

    /** The journal's plugin, described in this module's {@code reference.conf}. */
    public static final String JOURNAL_PLUGIN = "memfuse-journal";

    /** The snapshots' plugin. */
    public static final String SNAPSHOT_PLUGIN = "memfuse-snapshots";

    private static final String DATABASE = "pekko-persistence-jdbc.shared-databases.memfuse.db.";

    private JournalConfig() {}

    /**
     * To be laid over the configuration of an actor system: makes the two plugins the default ones, starts them with
     * the system, so that their connections are open before the first event, and tells them where the database is.
     *
     * <p>A recovery reads the whole journal of its actor in one statement: a flush that is written between two would hide
     * events from the second. The plugin goes on to a second one when the first is full.
     *
     * @param longestJournal the most events that the journal of one actor can hold
     */
    public static Config of(DatabaseSettings settings, int longestJournal) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("pekko.persistence.journal.plugin", JOURNAL_PLUGIN);
        values.put("pekko.persistence.journal.auto-start-journals", List.of(JOURNAL_PLUGIN));
        values.put("pekko.persistence.snapshot-store.plugin", SNAPSHOT_PLUGIN);
        values.put("pekko.persistence.snapshot-store.auto-start-snapshot-stores", List.of(SNAPSHOT_PLUGIN));
        values.put(JOURNAL_PLUGIN + ".replayBatchSize", longestJournal + 1);
        values.put(DATABASE + "url", settings.jdbcUrl());
        values.put(DATABASE + "user", settings.user());
        values.put(DATABASE + "password", settings.password());
        values.put(DATABASE + "numThreads", settings.journalPoolSize());
        values.put(DATABASE + "maxConnections", settings.journalPoolSize());
        values.put(DATABASE + "minConnections", settings.journalPoolSize());
        values.put(DATABASE + "connectionTimeout", settings.connectionTimeout().toMillis());
        values.put(DATABASE + "connectionInitSql", settings.connectionSetup());
        settings.driverProperties("memfuse-journal")
                .forEach((name, value) -> values.put(DATABASE + "properties." + name, value));
        return ConfigFactory.parseMap(values, "the journal's database");
    }
}
