package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** By which indexes the statements go: those whose cost must not grow with the tables. */
final class PlansTest extends LayerStoreTestBase {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @Test
    void findsDirtyUsersThroughTheIndexOfUnflushedEvents() {
        session("u", "s");
        journalUpTo("s", 3);

        assertThat(String.join("\n", POSTGRES.plan(DirtyReads.USERS, Long.MAX_VALUE, 100, 9, 10)))
                .contains("Index Scan using event_journal_unflushed on event_journal")
                .doesNotContain("Seq Scan on event_journal");
        assertThat(String.join("\n", POSTGRES.plan(DirtyReads.LAST_EVENT)))
                .contains("event_journal_unflushed")
                .doesNotContain("Seq Scan on event_journal");
        assertThat(String.join("\n", POSTGRES.plan(DirtyReads.SESSIONS, "session|", "u")))
                .contains("Scan Backward using event_journal_pkey on event_journal");
    }

    @Test
    void findsTheEventsOfAFlushByTheirNumbers() {
        session("u", "s");
        journalUpTo("s", 3);
        String[] ids = {"session|s"};
        Long[] numbers = {3L};

        assertThat(String.join(
                        "\n",
                        POSTGRES.plan(
                                FlushTransaction.MARK,
                                ids,
                                numbers,
                                new byte[][] {{1}},
                                new Integer[] {1},
                                new String[] {"m"})))
                .contains("Index Scan using event_journal_pkey on event_journal")
                .contains("Index Cond: (((persistence_id)::text = f.persistence_id)"
                        + " AND (sequence_number = f.sequence_number))");
        assertThat(String.join("\n", POSTGRES.plan(FlushTransaction.TRIM, ids, numbers)))
                .contains("Index Cond: (((persistence_id)::text = f.persistence_id)"
                        + " AND (sequence_number < f.sequence_number))");
    }

    /** The table's statistics are those of one that was empty, or short, when somebody counted it. */
    @Test
    void fencesTheJournalByItsKeyAlone() throws SQLException {
        session("u", "s");
        journalUpTo("s", 3);
        POSTGRES.execute("ANALYZE event_journal");
        try (Connection connection = POSTGRES.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;"
                    + " SET auto_explain.log_nested_statements = on; SET auto_explain.log_level = 'notice'");
            statement.execute("INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id,"
                    + " event_ser_manifest, event_payload) VALUES ('session|s', 4, 'w', 1, 'm', 'x')");
            StringBuilder plans = new StringBuilder();
            for (SQLWarning plan = statement.getWarnings(); plan != null; plan = plan.getNextWarning()) {
                plans.append(plan.getMessage()).append('\n');
            }
            statement.execute("RESET ALL");

            assertThat(plans.toString())
                    .contains("Scan Backward using event_journal_pkey on event_journal")
                    .contains("Scan using sessions_pkey on sessions")
                    .doesNotContain("Seq Scan on event_journal", "Seq Scan on sessions");
        }
    }

    @Test
    void findsAPageByTimeInTheIndexAlone() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));

        assertThat(String.join(
                        "\n",
                        POSTGRES.plan(
                                MessageReads.historySql(new HistoryRequest(10, SortBy.TIMESTAMP, true, false)),
                                "s",
                                9L,
                                new Long[0],
                                10,
                                1_000_000L)))
                .contains("Index Only Scan using messages_pkey on messages");
    }

    @Test
    void completesUnitsByTheirKeys() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        String[] texts = {"s"};
        Integer[] chunks = {0};

        assertThat(String.join(
                        "\n",
                        POSTGRES.plan(
                                VectorTransaction.STORE,
                                texts,
                                new Long[] {1L},
                                chunks,
                                texts,
                                texts,
                                new byte[][] {{1}},
                                texts)))
                .contains("Index Scan using memory_units_pkey on memory_units")
                .contains("Index Scan using messages_pkey on messages");
    }

    @Test
    void streamsUnitsInTheOrderOfTheirKeyWithoutSorting() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));

        assertThat(String.join("\n", POSTGRES.plan(UnitReads.STREAM, "model", "u")))
                .contains("Index Scan using memory_units_pkey on memory_units")
                .doesNotContain("Sort");
    }

    @Test
    void findsWhatWaitsForAnEmbeddingThroughTheIndexesOfIt() {
        assertThat(String.join("\n", POSTGRES.plan(UnitReads.PENDING_OF_ALL, 10L, 10L, 10L)))
                .contains("Index Scan using memory_units_pending on memory_units")
                .contains("Index Scan using knowledge_units_pending on knowledge_units")
                .doesNotContain("Seq Scan");
    }

    @Test
    void findsAUsersKnowledgeByItsKeys() {
        String[] texts = {"u"};

        assertThat(String.join("\n", POSTGRES.plan(KnowledgeReads.STREAM, "model", "u")))
                .contains("Index Scan using knowledge_units_pkey on knowledge_units")
                .contains("Index Scan using knowledge_pkey on knowledge")
                .doesNotContain("Sort");
        assertThat(String.join(
                        "\n",
                        POSTGRES.plan(
                                VectorTransaction.STORE_OF_KNOWLEDGE,
                                texts,
                                new Long[] {1L},
                                new Integer[] {0},
                                texts,
                                new byte[][] {{1}},
                                texts)))
                .contains("Index Scan using knowledge_units_pkey on knowledge_units")
                .contains("Index Scan using knowledge_pkey on knowledge");
        assertThat(String.join(
                        "\n",
                        POSTGRES.plan(
                                KnowledgeRows.UPDATE,
                                texts,
                                new Long[] {1L},
                                texts,
                                OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.UTC))))
                .contains("Index Scan using knowledge_pkey on knowledge")
                .contains("number = f.number)");
        assertThat(String.join("\n", POSTGRES.plan(KnowledgeRows.TOTALS, "u"))).doesNotContain("Seq Scan");
    }

    @Test
    void findsFactsByTheirKeys() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));

        assertThat(String.join("\n", POSTGRES.plan(FactReads.WAITING, 10L)))
                .contains("Index Scan using fact_progress_waiting on fact_progress");
        assertThat(String.join("\n", POSTGRES.plan(FactRows.FORGET, new String[] {"s"}, new Long[] {1L})))
                .contains("using fact_evidence_pkey on fact_evidence")
                .contains("using facts_pkey on facts")
                .doesNotContain("Seq Scan");
        OffsetDateTime at = OffsetDateTime.of(2026, 1, 2, 3, 4, 5, 6, ZoneOffset.UTC);
        assertThat(String.join("\n", POSTGRES.plan(FactReads.FACTS, "u", true, at, at, 10)))
                .contains("Index Scan using facts_slot on facts")
                .doesNotContain("Seq Scan");
    }
}
