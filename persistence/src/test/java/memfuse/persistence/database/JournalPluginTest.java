package memfuse.persistence.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import memfuse.persistence.testing.TestDatabase;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JournalPluginTest {

    private static final Duration LIMIT = Duration.ofMinutes(1);

    @RegisterExtension
    static final TestDatabase POSTGRES = TestDatabase.migrated();

    @Test
    void recoversWhatItPersistedInAnotherActorSystem() {
        inActorSystem(kit -> assertThat(write(kit, "recovering", "one", "two")).isEqualTo("one;two;"));
        inActorSystem(kit -> assertThat(read(kit, "recovering")).isEqualTo("one;two;"));
    }

    @Test
    void recoversFromTheSnapshotWhenTheEventsAreDeleted() {
        String[] lines = IntStream.range(0, 3 * Notebook.SNAPSHOT_EVERY)
                .mapToObj(Integer::toString)
                .toArray(String[]::new);
        inActorSystem(kit -> {
            write(kit, "trimmed", lines);
            kit.createTestProbe(String.class).awaitAssert(LIMIT, () -> {
                assertThat(count("event_journal WHERE persistence_id = 'trimmed' AND NOT deleted"))
                        .isLessThan(lines.length);
                return null;
            });
        });
        assertThat(count("snapshot WHERE persistence_id = 'trimmed'")).isPositive();
        inActorSystem(kit -> assertThat(read(kit, "trimmed")).isEqualTo(String.join(";", lines) + ";"));
    }

    @Test
    void tellsUnflushedRowsFromMarksByTheManifest() {
        inActorSystem(kit -> write(kit, "dirty", "one", "two", Notebook.FLUSHED, "three"));
        assertThat(count("event_journal WHERE persistence_id = 'dirty' AND adapter_manifest = ''"))
                .isEqualTo(3);
        assertThat(count("event_journal WHERE persistence_id = 'dirty' AND adapter_manifest = 'flushed'"))
                .isEqualTo(1);
    }

    @Test
    void writesForManySessionsAtOnce() {
        int sessions = 200;
        inActorSystem(kit -> {
            TestProbe<String> probe = kit.createTestProbe();
            List<ActorRef<Notebook.Command>> notebooks = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                notebooks.add(kit.spawn(Notebook.create("many-" + i)));
            }
            notebooks.forEach(notebook -> notebook.tell(new Notebook.Write("x", probe.getRef())));
            assertThat(probe.receiveSeveralMessages(sessions, LIMIT)).containsOnly("x;");
        });
        assertThat(count("event_journal WHERE persistence_id LIKE 'many-%'")).isEqualTo(sessions);
    }

    @Test
    void writesWhatTheLibraryReads() {
        inActorSystem(kit -> write(kit, "whole", "one", "two"));
        assertThat(count("event_journal WHERE persistence_id = 'whole' AND sequence_number IN (1, 2) AND NOT deleted"
                        + " AND ordering > 0 AND writer <> '' AND write_timestamp > 0 AND adapter_manifest = ''"
                        + " AND event_ser_id > 0 AND event_ser_manifest = '' AND length(event_payload) > 0"
                        + " AND meta_ser_id IS NULL AND meta_ser_manifest IS NULL AND meta_payload IS NULL"))
                .isEqualTo(2);
    }

    @Test
    void usesTheSettingsOfTheModuleWhateverTheLibrarySays() {
        Config config = ConfigFactory.load();
        Config journal = config.getConfig(JournalConfig.JOURNAL_PLUGIN);
        assertThat(journal.getInt("parallelism")).isEqualTo(1);
        assertThat(journal.getInt("batchSize")).isEqualTo(64);
        assertThat(journal.getInt("bufferSize")).isEqualTo(20_000);
        assertThat(journal.getBoolean("write-response-global-order")).isFalse();
        assertThat(journal.getString("use-shared-db")).isEqualTo("memfuse");
        assertThat(journal.getString("dao")).isEqualTo("memfuse.persistence.store.BatchJournalDao");
        assertThat(journal.getInt("circuit-breaker.max-failures")).isEqualTo(1_000);
        assertThat(journal.getDuration("circuit-breaker.call-timeout")).isEqualTo(Duration.ofSeconds(10));
        assertThat(journal.getDuration("circuit-breaker.reset-timeout")).isEqualTo(Duration.ofSeconds(3));
        assertThat(config.getString(JournalConfig.SNAPSHOT_PLUGIN + ".use-shared-db"))
                .isEqualTo("memfuse");
        Config pool = config.getConfig("pekko-persistence-jdbc.shared-databases.memfuse.db");
        assertThat(pool.getBoolean("keepAliveConnection")).isFalse();
        assertThat(pool.getInt("queueSize")).isEqualTo(20_000);
    }

    private interface Steps {
        void run(ActorTestKit kit);
    }

    private static void inActorSystem(Steps steps) {
        ActorTestKit kit = ActorTestKit.create(JournalConfig.of(POSTGRES.settings(), 1000)
                .withFallback(ConfigFactory.parseString("pekko.loglevel = WARNING"))
                .withFallback(ConfigFactory.load()));
        try {
            steps.run(kit);
        } finally {
            kit.shutdownTestKit();
        }
    }

    private static String write(ActorTestKit kit, String id, String... lines) {
        ActorRef<Notebook.Command> notebook = kit.spawn(Notebook.create(id));
        TestProbe<String> probe = kit.createTestProbe();
        String last = "";
        for (String line : lines) {
            notebook.tell(new Notebook.Write(line, probe.getRef()));
            last = probe.receiveMessage(LIMIT);
        }
        return last;
    }

    private static String read(ActorTestKit kit, String id) {
        TestProbe<String> probe = kit.createTestProbe();
        kit.spawn(Notebook.create(id)).tell(new Notebook.Read(probe.getRef()));
        return probe.receiveMessage(LIMIT);
    }

    private static long count(String fromWhere) {
        try (Database database = Database.open(POSTGRES.settings().withPoolSizes(1, 1));
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM " + fromWhere)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
