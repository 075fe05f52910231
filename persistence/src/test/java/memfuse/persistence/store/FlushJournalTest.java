package memfuse.persistence.store;

import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.testkit.FlushBuilder;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a flush leaves in the journal and in the rows of the layers. */
final class FlushJournalTest extends LayerStoreTestBase {
    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    private static List<String> journal() {
        return POSTGRES.rows("SELECT persistence_id, sequence_number, adapter_manifest, event_ser_id,"
                + " event_ser_manifest, convert_from(event_payload, 'UTF8') FROM event_journal"
                + " ORDER BY persistence_id, sequence_number");
    }

    @Test
    void replacesWhatItCoversByTheMarker() {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 5);
        journalUpTo("t", 2);
        flush(flushOf("u", "s").append(1, 2, 3));

        assertThat(journal())
                .containsExactly(
                        "session|s,3,flushed,7,json,{\"lastSeq\":3,\"messageCount\":3}",
                        "session|s,4,,1,event,event",
                        "session|s,5,,1,event,event",
                        "session|t,1,,1,event,event",
                        "session|t,2,,1,event,event");
    }

    @Test
    void keepsOneMarkerOfASession() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));
        flush(flushOf("u", "s").after(2).append(3));
        flush(flushOf("u", "s").append(1, 2));

        assertThat(journal()).containsExactly("session|s,3,flushed,7,json,{\"lastSeq\":3,\"messageCount\":3}");
    }

    /** An earlier incarnation of the session does not know that a later one went on, and writes the number it has next. */
    @Test
    void refusesANumberThatAFlushHasSetFree() {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 4);
        flush(flushOf("u", "s").append(1, 2, 3));

        assertThatThrownBy(() -> POSTGRES.journal("s", 2)).rootCause().hasMessageContaining("a later incarnation");
        assertThatThrownBy(() -> POSTGRES.journal("s", 3)).rootCause().hasMessageContaining("duplicate key");
        assertThat(journal()).hasSize(2);
        POSTGRES.journal("s", 5);
        POSTGRES.journal("t", 1);
        assertThat(journal()).hasSize(4);
    }

    /** A write that was given up comes after the erasure of its session. */
    @Test
    void refusesAnEventOfASessionThatIsErased() {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 2);
        store().eraseSession("u", "s");

        assertThatThrownBy(() -> POSTGRES.journal("s", 3)).rootCause().hasMessageContaining("is erased");
        assertThat(journal()).isEmpty();
        POSTGRES.journal("t", 1);
        assertThat(journal()).hasSize(1);
    }

    /** A batch is written whole or not at all, and what counts is its last event of each session. */
    @Test
    void looksAtWholeBatches() {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 4);

        POSTGRES.execute(batch("s", 5, 6, "t", 1, 2));
        assertThat(journal()).hasSize(8);
        POSTGRES.execute("DELETE FROM event_journal WHERE persistence_id = 'session|s' AND sequence_number < 6");
        assertThatThrownBy(() -> POSTGRES.execute(batch("t", 3, 4, "s", 4, 5)))
                .rootCause()
                .hasMessageContaining("a later incarnation");
        assertThatThrownBy(() -> POSTGRES.execute(batch("t", 3, 4, "s", 5, 6)))
                .rootCause()
                .hasMessageContaining("duplicate key");
        assertThat(journal()).hasSize(3);
        POSTGRES.execute(batch("t", 3, 4, "s", 5, 7));
        assertThat(journal()).hasSize(7);
    }

    /** Two events of each of two sessions, in one statement. */
    private static String batch(
            String session, int first, int second, String otherSession, int otherFirst, int otherSecond) {
        return "INSERT INTO event_journal (persistence_id, sequence_number, writer, event_ser_id, event_ser_manifest,"
                + " event_payload) SELECT 'session|' || session, seq, 'w', 1, 'm', 'x' FROM (VALUES"
                + " ('%s', %d), ('%s', %d), ('%s', %d), ('%s', %d)) AS batch (session, seq)"
                        .formatted(
                                session, first, session, second, otherSession, otherFirst, otherSession, otherSecond);
    }

    @Test
    void writesNothingWithoutItsEventInTheJournal() {
        session("u", "s");
        store().flush(List.of(flushOf("u", "s").append(1).build()));

        assertThat(seqs("s")).isEmpty();
        assertThat(journal()).isEmpty();
    }

    @Test
    void keepsEverythingInTheJournalWhenAMessageCannotBeWritten() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        Message sameId =
                new Message("m1", 2, Role.USER, null, "secret", FlushBuilder.EPOCH, FlushBuilder.EPOCH, null, 1);

        assertThatThrownBy(() -> flush(flushOf("u", "s").after(1).append(sameId)))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("flushing 1 sessions: ERROR: duplicate key")
                .hasMessageEndingWith("[23505]")
                .hasMessageNotContainingAny("secret", "m1", "\n");
        assertThat(seqs("s")).containsExactly(1L);
        assertThat(store().dirtySessions("u")).containsExactly("s");
    }

    @Test
    void writesNothingOfABatchThatFails() {
        session("u", "s");
        session("u", "t");
        Message unstorable =
                new Message("m1", 1, Role.USER, null, "\u0000", FlushBuilder.EPOCH, FlushBuilder.EPOCH, null, 1);

        assertThatThrownBy(() ->
                        flush(flushOf("u", "s").append(1), flushOf("u", "t").append(unstorable)))
                .isInstanceOf(StoreException.class);
        assertThat(seqs("s")).isEmpty();
        assertThat(store().dirtySessions("u")).containsExactlyInAnyOrder("s", "t");
    }

    @Test
    void storesTheTextOfAUnitOnlyWhereItIsNotTheWholeMessage() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));

        assertThat(POSTGRES.rows("SELECT text FROM memory_units")).containsExactly("null");
        assertThat(unitTexts("u")).containsExactly("s/1/0: content 1");
    }

    @Test
    void takesVectorsOfAnotherModelForNone() {
        session("u", "s");
        Message message = message(1);
        flush(flushOf("u", "s")
                .append(message, List.of(FlushBuilder.unit("s", message).withVector(new float[] {1f}))));

        POSTGRES.storeOf("model-2")
                .streamUnits("u", unit -> assertThat(unit.vector()).isNull());
        POSTGRES.storeOf(null)
                .streamUnits("u", unit -> assertThat(unit.vector()).isNull());
        assertThat(units("u").get(0).vector()).containsExactly(1f);
    }

    @Test
    void letsNoUnitWaitWhereThereIsNoModel() {
        session("u", "s");
        PostgresLayerStore withoutModel = POSTGRES.storeOf(null);
        journalUpTo("s", 1);
        Message message = message(1);
        withoutModel.flush(List.of(flushOf("u", "s")
                .append(message, List.of(FlushBuilder.unit("s", message).withVector(new float[] {1f})))
                .build()));

        assertThat(POSTGRES.rows("SELECT vector, model, pending_since FROM memory_units"))
                .containsExactly("null,null,null");
        flush(flushOf("u", "s").after(1).append(2));
        assertThat(pendingTexts()).containsExactly("content 2");
        assertThat(withoutModel.pendingUnits(10, Set.of())).isEmpty();
    }
}
