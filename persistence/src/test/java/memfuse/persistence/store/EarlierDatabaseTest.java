package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import memfuse.persistence.database.Database;
import memfuse.persistence.database.DatabaseSettings;
import memfuse.persistence.database.JournalConfig;
import memfuse.persistence.database.Migrations;
import memfuse.persistence.store.EventLog.Seen;
import memfuse.persistence.testing.TestDatabase;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A database that an earlier version left is brought up to date, and what it holds in the serialization of then is read.
 * The rows are described where they stand.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EarlierDatabaseTest {
    /** The last migration that the version knew. */
    private static final String SCHEMA = "8";

    private static final Path ROWS = Path.of("src", "test", "resources", "database", "schema-8.sql");
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String ANN = "01980f2e-7c1a-7a10-8000-00000000000a";
    private static final String BOB = "01980f2e-7c1a-7a10-8000-00000000000b";
    private static final String FLUSHED = "01980f2e-7c1a-7a10-8000-000000000051";
    private static final String BOTH = "01980f2e-7c1a-7a10-8000-000000000052";
    private static final String JOURNAL = "01980f2e-7c1a-7a10-8000-000000000053";
    private static final String IMPORTED = "01980f2e-7c1a-7a10-8000-000000000054";

    @RegisterExtension
    static final TestDatabase POSTGRES = TestDatabase.empty();

    private final DatabaseSettings settings = POSTGRES.settings();
    private final Database database = Database.open(settings.withPoolSizes(1, 2));
    private final ActorTestKit kit = ActorTestKit.create(JournalConfig.of(settings, 1000)
            .withFallback(ConfigFactory.parseString("""
            pekko.loglevel = WARNING
            pekko.actor.serialization-bindings { "memfuse.protocol.CborSerializable" = jackson-cbor }
            """))
            .withFallback(ConfigFactory.load()));
    private final PekkoJournalSerializer serializer = new PekkoJournalSerializer(kit.system());
    private final PostgresLayerStore store = new PostgresLayerStore(database.dataSource(), serializer, null);

    @BeforeAll
    void restoreAndUpgrade() throws IOException, SQLException {
        Flyway.configure()
                .dataSource(settings.jdbcUrl(), settings.user(), settings.password())
                .locations("classpath:db/migration")
                .target(SCHEMA)
                .load()
                .migrate();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(Files.readString(ROWS));
        }
        assertThat(Migrations.run(settings)).isPositive();
    }

    @AfterAll
    void close() {
        kit.shutdownTestKit();
        database.close();
    }

    @Test
    void replaysJournalsOfRoundsChangesAndRemovals() {
        Seen journal = replay(JOURNAL);
        assertThat(journal.lastSequenceNr()).isEqualTo(5);
        assertThat(journal.events())
                .extracting(Object::getClass)
                .isEqualTo(List.of(
                        RoundAppended.class,
                        RoundAppended.class,
                        RoundAppended.class,
                        MessagesUpdated.class,
                        MessagesDeleted.class));
        assertThat(contents(journal.events()))
                .containsExactly(
                        "The train leaves at nine.",
                        "The ticket costs ten.",
                        "To be forgotten as well.",
                        "é漢😀 is what the sign says.",
                        "The ticket costs twelve.");
        RoundAppended first = (RoundAppended) journal.events().get(0);
        assertThat(first.answer()).extracting(answer -> answer.key().key()).isEqualTo("in-the-journal");
        assertThat(journal.events()).last().isEqualTo(new MessagesDeleted(List.of(3L)));
    }

    @Test
    void replaysMarksOfFlushesAndWhatCameAfterThem() {
        assertThat(replay(FLUSHED)).isEqualTo(new Seen(List.of(new Flushed(3, 3)), 2));
        assertThat(replay(IMPORTED)).isEqualTo(new Seen(List.of(new Flushed(1, 1)), 1));
        Seen both = replay(BOTH);
        assertThat(both.lastSequenceNr()).isEqualTo(5);
        assertThat(both.events()).first().isEqualTo(new Flushed(3, 3));
        assertThat(contents(both.events())).containsExactly("The umbrella is blue.", "The violin is in tune.");
        assertThat(store.dirtySessions(ANN)).containsExactlyInAnyOrder(BOTH, JOURNAL);
        assertThat(store.dirtyUsers(10, Long.MAX_VALUE)).containsExactly(ANN);
    }

    @Test
    void readsTheLayers() {
        assertThat(store.inOrder(FLUSHED, 3, Set.of(), new PageBySeq(0, 10, 1 << 20)))
                .extracting(Message::content)
                .containsExactly("I live in Lisbon.", "My sister visits me in May.", "The cat sleeps on the sofa.");
        assertThat(new PostgresKnowledgeStore(database.dataSource(), null).list(ANN))
                .hasSize(2);
        assertThat(new PostgresKeyStore(database.dataSource()).ofUser(ANN)).hasSize(1);
        assertThat(new PostgresFactStore(database.dataSource()).firstWaiting(FLUSHED))
                .as("what was said before there were facts waits for them")
                .hasValue(1);
    }

    @Test
    void readsWhatElseIsStoredAsEventsAre() {
        assertThat(store.answer(BOTH, "before-the-flush"))
                .get()
                .extracting(KeyedAnswer::messageIds, KeyedAnswer::totalMessages)
                .containsExactly(List.of("both-1"), 1L);
        assertThat(new PostgresImportStore(database.dataSource(), serializer, null)
                        .imported(BOB, "5a167bf87a6a4c43b2907c5ad59872414105358d3d34022fe0f83332aa6768a0"))
                .get()
                .extracting(imported -> imported.sessionIds().get("s"))
                .isEqualTo(IMPORTED);
    }

    private Seen replay(String sessionId) {
        TestProbe<Seen> probe = kit.createTestProbe();
        ActorRef<EventLog.Persist> log = kit.spawn(EventLog.create(SessionProtocol.persistenceId(sessionId)));
        log.tell(new EventLog.Persist(List.of(), probe.getRef()));
        Seen seen = probe.receiveMessage(LIMIT);
        kit.stop(log, LIMIT);
        return seen;
    }

    private static List<String> contents(List<Event> events) {
        return events.stream()
                .flatMap(event -> event instanceof RoundAppended appended
                        ? appended.messages().stream()
                        : event instanceof MessagesUpdated updated ? updated.messages().stream() : Stream.empty())
                .map(Message::content)
                .toList();
    }
}
