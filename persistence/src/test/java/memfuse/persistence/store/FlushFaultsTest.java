package memfuse.persistence.store;

import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Flushes over connections that break, and against locks that are held. */
final class FlushFaultsTest extends LayerStoreTestBase {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    private final FaultyConnections connections = new FaultyConnections(POSTGRES.dataSource());
    private final PostgresLayerStore faulty =
            new PostgresLayerStore(connections.dataSource(), new JsonSerializer(), LayersDatabase.MODEL);

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @Test
    void leavesTheSameRowsWhenTheAcknowledgementOfACommitIsLost() {
        List<SessionFlush> flush = severalChanges();
        connections.loseNextCommit();

        assertThatThrownBy(() -> faulty.flush(flush)).isInstanceOf(StoreException.class);
        List<String> written = allRows();
        faulty.flush(flush);
        assertThat(allRows()).isEqualTo(written);
        assertThat(seqs("s")).containsExactly(2L, 3L);
    }

    @Test
    void writesAllOrNothingWhereverTheConnectionBreaks() {
        List<SessionFlush> flush = severalChanges();
        List<String> before = allRows();
        int call = 1;
        connections.breakAtCall(call);
        while (!flushed(flush)) {
            assertThat(connections.broke()).isTrue();
            assertThat(allRows()).as("after a break at call %d", call).isEqualTo(before);
            connections.breakAtCall(++call);
        }
        assertThat(call).isGreaterThan(10);
        assertThat(seqs("s")).containsExactly(2L, 3L);
        assertThat(unitTexts("u")).containsExactly("s/2/0: changed", "s/3/0: content 3", "t/1/0: content 1");
    }

    private boolean flushed(List<SessionFlush> flush) {
        try {
            faulty.flush(flush);
            return true;
        } catch (StoreException e) {
            return false;
        }
    }

    private List<SessionFlush> severalChanges() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2));
        journalUpTo("s", 6);
        journalUpTo("t", 1);
        return List.of(
                flushOf("u", "s")
                        .after(2)
                        .append(3)
                        .update(message(2, "changed"))
                        .delete(1)
                        .upTo(5)
                        .build(),
                flushOf("u", "t").append(1).build());
    }

    private static List<String> allRows() {
        return POSTGRES.rows("SELECT 'm' || m FROM messages m UNION ALL SELECT 'u' || u FROM memory_units u"
                + " UNION ALL SELECT 'j' || j FROM event_journal j ORDER BY 1");
    }

    @Test
    void givesUpWhereALockIsHeldTooLong() throws SQLException {
        session("u", "s");
        journalUpTo("s", 1);
        PostgresLayerStore impatient = new PostgresLayerStore(
                POSTGRES.dataSource(), new JsonSerializer(), LayersDatabase.MODEL, Duration.ofMillis(50));
        SessionFlush flush = flushOf("u", "s").append(1).build();
        try (Connection connection = POSTGRES.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT FROM sessions FOR UPDATE");

            assertThatThrownBy(() -> impatient.flush(List.of(flush)))
                    .isInstanceOf(StoreException.class)
                    .hasMessageEndingWith("[57014]");
            assertThatThrownBy(() -> impatient.eraseSession("u", "s")).isInstanceOf(StoreException.class);
            connection.rollback();
        }
        store().flush(List.of(flush));
        assertThat(seqs("s")).containsExactly(1L);
    }
}
