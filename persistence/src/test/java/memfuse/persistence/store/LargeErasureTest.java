package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import memfuse.protocol.store.StoreException;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The erasure of more than one statement may remove: the server refuses here what removes too many rows at once. */
final class LargeErasureTest extends LayerStoreTestBase {
    private static final int MESSAGES = 2 * Erasure.ROWS_AT_A_TIME + 1;
    private static final List<String> TABLES = List.of(
            "messages", "memory_units", "facts", "fact_evidence", "event_journal", "knowledge", "knowledge_units");

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @BeforeEach
    void refuseLargeStatements() {
        POSTGRES.execute("CREATE OR REPLACE FUNCTION bounded() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF (SELECT count(*) FROM gone) > " + Erasure.ROWS_AT_A_TIME
                + " THEN RAISE 'too many rows of %', TG_TABLE_NAME; END IF; RETURN NULL; END $$");
        TABLES.forEach(table -> POSTGRES.execute("CREATE TRIGGER bounded AFTER DELETE ON " + table
                + " REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION bounded()"));
    }

    @AfterEach
    void takeThemAgain() {
        TABLES.forEach(table -> POSTGRES.execute("DROP TRIGGER bounded ON " + table));
    }

    @Test
    void erasesALargeSessionInBoundedStatements() {
        session("u", "s");
        session("u", "t");
        fill("u", "s");
        flush(flushOf("u", "t").append(1));
        store().eraseSession("u", "s");

        assertThat(left("u", "s")).isEmpty();
        assertThat(unitTexts("u")).containsExactly("t/1/0: content 1");
        assertThat(directory().erasure("s").orElseThrow().counts())
                .containsEntry("sessions", 1L)
                .containsEntry("m0", (long) MESSAGES)
                .containsEntry("m1", 2L * MESSAGES)
                .containsEntry("m2", (long) MESSAGES)
                .containsEntry("journal", 600L);
    }

    @Test
    void erasesALargeUserInBoundedStatements() {
        for (int i = 0; i < 250; i++) {
            session("u", "s" + i);
        }
        fill("u", "s7");
        POSTGRES.execute("INSERT INTO messages (session_id, seq, id, role, content, created_at, updated_at, tokens)"
                + " SELECT 's' || s, n, s || '-' || n, 'user', 'x', now(), now(), 1"
                + " FROM generate_series(100, 199) s, generate_series(1, 110) n");
        POSTGRES.execute(
                "INSERT INTO knowledge SELECT 'u', n, 'k' || n, 'x', now(), now() FROM generate_series(1, ?) n",
                MESSAGES);
        POSTGRES.execute(
                "INSERT INTO knowledge_units SELECT 'u', n, 0, NULL, 1 FROM generate_series(1, ?) n", MESSAGES);
        store().eraseUser("u");

        assertThat(left("u", "s7")).isEmpty();
        assertThat(directory().sessions("u", null, null)).isEmpty();
        assertThat(directory().erasure("u").orElseThrow().counts())
                .containsEntry("users", 1L)
                .containsEntry("sessions", 250L)
                .containsEntry("m0", MESSAGES + 11_000L)
                .containsEntry("m1", 2L * MESSAGES)
                .containsEntry("knowledge", (long) MESSAGES);
    }

    /** The server ends it half-way: nothing of it is done, and the repetition does all of it. */
    @Test
    void leavesALargeSessionWholeWhereItIsEndedHalfWay() {
        session("u", "s");
        fill("u", "s");
        POSTGRES.execute("ALTER TABLE facts DISABLE TRIGGER bounded");
        POSTGRES.execute("CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$");
        POSTGRES.execute("CREATE TRIGGER fails BEFORE DELETE ON facts FOR EACH STATEMENT EXECUTE FUNCTION fails()");
        try {
            assertThatThrownBy(() -> store().eraseSession("u", "s")).isInstanceOf(StoreException.class);
        } finally {
            POSTGRES.execute("DROP TRIGGER fails ON facts");
            POSTGRES.execute("DROP FUNCTION fails");
        }
        assertThat(directory().session("s")).isPresent();
        assertThat(directory().erasure("s")).isEmpty();
        assertThat(POSTGRES.rows("SELECT count(*) FROM messages")).containsExactly(Integer.toString(MESSAGES));

        store().eraseSession("u", "s");
        assertThat(left("u", "s")).isEmpty();
        assertThat(directory().erasure("s").orElseThrow().counts()).containsEntry("m0", (long) MESSAGES);
    }

    /** A session with so many messages, twice as many units, a fact of each, and much that is not flushed. */
    private void fill(String userId, String sessionId) {
        POSTGRES.execute(
                "INSERT INTO messages (session_id, seq, id, role, content, created_at, updated_at, tokens)"
                        + " SELECT ?, n, 'm' || n, 'user', 'x', now(), now(), 1 FROM generate_series(1, ?) n",
                sessionId,
                MESSAGES);
        POSTGRES.execute(
                "INSERT INTO memory_units (user_id, session_id, seq, chunk_no, tokens)"
                        + " SELECT ?, ?, n, c, 1 FROM generate_series(1, ?) n, generate_series(0, 1) c",
                userId,
                sessionId,
                MESSAGES);
        POSTGRES.execute(
                "INSERT INTO facts SELECT 'f' || n, ?, ?, 'slot' || n, 's', 'p', 'o', 't', 1, 'e', now(), n, now(), NULL"
                        + " FROM generate_series(1, ?) n",
                userId,
                sessionId,
                MESSAGES);
        POSTGRES.execute(
                "INSERT INTO fact_evidence SELECT ?, n, 'f' || n FROM generate_series(1, ?) n", sessionId, MESSAGES);
        journalUpTo(sessionId, 600);
    }

    private static List<String> left(String userId, String sessionId) {
        return POSTGRES.rows(String.join(
                        " UNION ALL ",
                        "SELECT 'messages' FROM messages WHERE session_id = '%2$s'",
                        "SELECT 'units' FROM memory_units WHERE session_id = '%2$s'",
                        "SELECT 'facts' FROM facts WHERE session_id = '%2$s'",
                        "SELECT 'evidence' FROM fact_evidence WHERE session_id = '%2$s'",
                        "SELECT 'journal' FROM event_journal WHERE persistence_id = 'session|%2$s'",
                        "SELECT 'knowledge' FROM knowledge WHERE user_id = '%1$s'",
                        "SELECT 'knowledge units' FROM knowledge_units WHERE user_id = '%1$s'")
                .formatted(userId, sessionId));
    }
}
