package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.store.ModelStore.Adoption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Units whose vectors are of another model than the node's. */
class PostgresModelStoreTest {
    private static final String NOW = "2026-01-01T00:00:00Z";

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    @BeforeEach
    void begin() {
        POSTGRES.cleared();
        POSTGRES.execute("TRUNCATE embedding_model");
        POSTGRES.execute(
                "INSERT INTO users (id, name, created_at, updated_at) VALUES ('u', 'u', '" + NOW + "', '" + NOW + "')");
    }

    private static void unit(String sessionId, int seq, String model, boolean pending) {
        POSTGRES.execute("INSERT INTO sessions (id, user_id, agent_id, name, created_at, updated_at) VALUES ('"
                + sessionId + "', 'u', 'a', '" + sessionId + "', '" + NOW + "', '" + NOW + "') ON CONFLICT DO NOTHING");
        POSTGRES.execute("INSERT INTO memory_units (user_id, session_id, seq, chunk_no, tokens, vector, model,"
                + " pending_since) VALUES ('u', '" + sessionId + "', " + seq + ", 0, 1, " + vectorAndModel(model) + ", "
                + (pending ? "'" + NOW + "'" : "NULL") + ")");
    }

    private static void knowledge(int number, String model) {
        POSTGRES.execute("INSERT INTO knowledge_units (user_id, number, chunk_no, tokens, vector, model) VALUES ('u', "
                + number + ", 0, 1, " + vectorAndModel(model) + ")");
    }

    private static String vectorAndModel(String model) {
        return model.isEmpty() ? "NULL, NULL" : "'\\x00'::bytea, '" + model + "'";
    }

    private static int adopt(PostgresModelStore store) {
        int marked = 0;
        Adoption step;
        do {
            step = store.adoptNext();
            marked += step.marked();
        } while (!step.done());
        return marked;
    }

    private static PostgresModelStore store(String model) {
        return new PostgresModelStore(POSTGRES.dataSource(), model, 384);
    }

    /** Session and number of the units with vectors, then of those that wait. */
    private static List<List<String>> units() {
        return List.of(
                POSTGRES.rows("SELECT session_id, seq, model FROM memory_units WHERE vector IS NOT NULL"
                        + " AND pending_since IS NULL ORDER BY 1, 2"),
                POSTGRES.rows("SELECT session_id, seq FROM memory_units WHERE vector IS NULL AND model IS NULL"
                        + " AND pending_since IS NOT NULL ORDER BY 1, 2"));
    }

    @Test
    void marksWhatIsOfAnotherModelOrOfNone() {
        unit("s", 1, "old", false);
        unit("s", 2, "new", false);
        unit("s", 3, "", false);
        unit("t", 1, "", true);
        knowledge(1, "old");
        knowledge(2, "new");

        assertThat(adopt(store("new"))).isEqualTo(3);
        assertThat(units()).containsExactly(List.of("s,2,new"), List.of("s,1", "s,3", "t,1"));
        assertThat(POSTGRES.rows("SELECT number FROM knowledge_units WHERE pending_since IS NOT NULL"))
                .containsExactly("1");
        assertThat(store("new").pendingUnits()).isEqualTo(4);
        assertThat(adopt(store("new"))).isZero();
    }

    @Test
    void looksThroughMoreThanOneStepAndGoesOnAfterARestart() {
        List<String> all = new ArrayList<>();
        for (int i = 10; i < 60; i++) {
            unit("s" + i, 1, "old", false);
            all.add("s" + i + ",1");
        }
        int first = store("new").adoptNext().marked();
        assertThat(first).isPositive().isLessThan(50);
        assertThat(first + adopt(store("new"))).isEqualTo(50);
        assertThat(units()).containsExactly(List.of(), all);
    }

    @Test
    void keepsVectorsWhileThereIsNoModelAndMarksLaterOnlyWhatHasNone() {
        unit("s", 1, "model", false);
        assertThat(adopt(store("model"))).isZero();
        PostgresModelStore none = new PostgresModelStore(POSTGRES.dataSource(), null, 0);
        assertThat(none.adoptNext()).isEqualTo(new Adoption(0, true));
        unit("s", 2, "", false);

        assertThat(adopt(store("model"))).isEqualTo(1);
        assertThat(units()).containsExactly(List.of("s,1,model"), List.of("s,2"));
    }

    @Test
    void beginsAnewWhenTheModelChangesAmidAnAdoption() {
        for (int i = 10; i < 40; i++) {
            unit("s" + i, 1, "first", false);
        }
        int marked = store("second").adoptNext().marked();
        assertThat(adopt(store("first"))).isZero(); // what was marked waits already
        assertThat(units().get(0)).hasSize(30 - marked);
        assertThat(adopt(store("second"))).isEqualTo(30 - marked);
        assertThat(units().get(0)).isEmpty();
    }
}
