package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

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

        assertThat(String.join("\n", POSTGRES.plan(DirtyReads.USERS, 100, 9, 10)))
                .contains("Index Scan using event_journal_unflushed on event_journal")
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
                                10)))
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
}
