package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Writes of the journal that come while their session is erased, or after that. */
final class LateEventsTest extends LayerStoreTestBase {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String INSERT = "INSERT INTO event_journal (persistence_id, sequence_number, writer,"
            + " adapter_manifest, event_ser_id, event_ser_manifest, event_payload)"
            + " VALUES ('session|%s', %d, 'w', '', 1, 'event', 'event')";

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    /** The write waits for a lock, its session is erased, and then it gets the lock. */
    @Test
    void refusesAWriteThatWaitedWhileItsSessionWasErased() throws SQLException {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 1);
        try (Connection blocker = POSTGRES.dataSource().getConnection();
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            // a write of the same number is waited for
            statement.execute(INSERT.formatted("s", 2));
            CompletableFuture<Void> late = CompletableFuture.runAsync(() -> POSTGRES.journal("s", 2));
            awaitWaiting();
            store().eraseSession("u", "s");
            blocker.rollback();
            assertThatThrownBy(late::join).rootCause().hasMessageContaining("is erased");
        }
        assertThat(events()).isEmpty();
    }

    /** The write was let through before the erasure ended, and is there after it. */
    @Test
    void removesWhatWasWrittenAtTheMomentOfTheErasure() throws SQLException {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 1);
        journalUpTo("t", 2);
        try (Connection writer = POSTGRES.dataSource().getConnection();
                Statement statement = writer.createStatement()) {
            writer.setAutoCommit(false);
            statement.execute(INSERT.formatted("s", 2));
            store().eraseSession("u", "s");
            writer.commit();
        }
        assertThat(events()).containsExactly("session|s,2", "session|t,1", "session|t,2");

        assertThat(store().removeOrphans("")).isEmpty();
        assertThat(events()).containsExactly("session|t,1", "session|t,2");
    }

    @Test
    void looksThroughTheJournalInSteps() {
        List<String> sessions = IntStream.range(0, 40)
                .mapToObj(i -> "s" + (char) ('a' + i / 10) + i % 10)
                .toList();
        sessions.forEach(id -> {
            session("u", id);
            journalUpTo(id, 3);
        });
        POSTGRES.execute("DELETE FROM sessions WHERE id LIKE '%5' OR id = 'sd9'");
        POSTGRES.execute(INSERT.formatted("x", 1).replace("session|x", "another"));

        int steps = 0;
        for (Optional<String> after = Optional.of(""); after.isPresent(); steps++) {
            String from = after.get();
            after = new Transactions(POSTGRES.dataSource(), LIMIT)
                    .together("sweeping", connection -> JournalSweep.after(connection, from, 7));
        }
        assertThat(steps).isGreaterThan(10);
        assertThat(POSTGRES.rows("SELECT DISTINCT persistence_id FROM event_journal"))
                .hasSize(36)
                .contains("another", "session|sa0", "session|sd8")
                .doesNotContain("session|sa5", "session|sb5", "session|sc5", "session|sd5", "session|sd9");
    }

    @Test
    void asksTheJournalInItsOrder() {
        String plan = String.join("\n", POSTGRES.plan(JournalSweep.SWEEP, "", "session|", 10, 9));
        assertThat(plan)
                .contains("event_journal_pkey", "sessions_pkey")
                .doesNotContain("Seq Scan on event_journal", "Seq Scan on sessions");
    }

    private static List<String> events() {
        return POSTGRES.rows(
                "SELECT persistence_id, sequence_number FROM event_journal ORDER BY persistence_id, sequence_number");
    }

    private static void awaitWaiting() {
        Instant deadline = Instant.now().plus(LIMIT);
        while (POSTGRES.rows("SELECT pid FROM pg_locks WHERE NOT granted").isEmpty()) {
            assertThat(Instant.now()).as("a write that waits").isBefore(deadline);
            Thread.onSpinWait();
        }
    }
}
