package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Messages are changed and deleted wherever they are: in either buffer, on their way to the layers, and in the layers. It
 * reaches history, reads, the search by words and by meaning, remembered answers, and the layers, and lasts.
 */
class EditsIT {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** Rounds of which the round buffer has moved the first ones on, and holds the last. */
    private static final int ROUNDS_TO_MOVE_ON = 6;

    @RegisterExtension
    final Scene scene = new Scene();

    private final List<EditedMemory> all = new ArrayList<>();

    @Test
    void reachesEverythingWhereverTheMessageIs() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path())
                .with("memfuse.buffer.hybrid_buffer.max_size", "50")
                .with("memfuse.buffer.performance.flush_interval", "1h");
        ServerProcess server = scene.start(launch);
        Client client = server.client();
        flushed(client);
        inFlight(client, data);
        inHybridBuffer(client);
        inRoundBuffer(client);
        checkAll(client);

        server.kill9();
        ServerProcess again = scene.start(launch);
        checkAll(again.client());
        again.client().flush();
        checkAll(again.client());
        checkRows(data);

        assertThat(again.terminate()).isIn(0, 143);
        Client last = scene.start(launch).client();
        checkAll(last);
        checkRows(data);
    }

    private List<EditedMemory> create(Client client, String name, int roundsAfter) throws IOException {
        List<EditedMemory> both = List.of(
                EditedMemory.create(client, "changed " + name, false, roundsAfter),
                EditedMemory.create(client, "deleted " + name, true, roundsAfter));
        all.addAll(both);
        return both;
    }

    private static void editAndCheck(Client client, List<EditedMemory> memories) throws IOException {
        for (EditedMemory memory : memories) {
            memory.check(client);
            memory.checkMeaning(client);
            memory.edit(client);
            memory.check(client);
            memory.checkMeaning(client);
        }
    }

    private void flushed(Client client) throws IOException {
        List<EditedMemory> memories = create(client, "in the layers", 0);
        client.flush();
        for (EditedMemory memory : memories) {
            assertThat(memory.watermarks(client).get("m0").asInt()).isEqualTo(2);
        }
        editAndCheck(client, memories);
    }

    private void inFlight(Client client, DataDirectory data) throws Exception {
        List<EditedMemory> memories = create(client, "on their way", 0);
        try (Connection database = data.connect();
                Statement statement = database.createStatement()) {
            database.setAutoCommit(false);
            statement.execute("LOCK TABLE messages IN EXCLUSIVE MODE");
            List<CompletableFuture<Answer>> flushes = List.of(client.postLater("/buffer/flush", Map.of()));
            Await.until("flushes wait for the lock", LIMIT, () -> waiting(statement) > 0);
            for (EditedMemory memory : memories) {
                assertThat(memory.watermarks(client).get("m0").asInt()).isZero();
            }
            editAndCheck(client, memories);
            assertThat(waiting(statement)).isPositive();
            database.rollback();
            for (CompletableFuture<Answer> flush : flushes) {
                flush.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            }
        }
        client.flush();
        for (EditedMemory memory : memories) {
            memory.check(client);
            assertThat(memory.watermarks(client).get("m0").asInt()).isEqualTo(2);
        }
    }

    private static int waiting(Statement statement) throws SQLException {
        try (ResultSet count = statement.executeQuery(
                "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'messages'::regclass")) {
            count.next();
            return count.getInt(1);
        }
    }

    private void inHybridBuffer(Client client) throws IOException {
        List<EditedMemory> memories = create(client, "in the hybrid buffer", ROUNDS_TO_MOVE_ON);
        for (EditedMemory memory : memories) {
            JsonNode watermarks = memory.watermarks(client);
            assertThat(watermarks.get("transferred").asInt()).isGreaterThanOrEqualTo(2);
            assertThat(watermarks.get("m0").asInt()).isZero();
        }
        editAndCheck(client, memories);
    }

    private void inRoundBuffer(Client client) throws IOException {
        List<EditedMemory> memories = create(client, "in the round buffer", 0);
        for (EditedMemory memory : memories) {
            assertThat(memory.watermarks(client).get("transferred").asInt()).isZero();
        }
        editAndCheck(client, memories);
    }

    private void checkAll(Client client) throws IOException {
        for (EditedMemory memory : all) {
            memory.check(client);
            memory.checkMeaning(client);
        }
    }

    /** Each message that is left has its row in M0, and its row with an embedding in M1; no other has one. */
    private void checkRows(DataDirectory data) throws IOException, SQLException {
        try (Connection database = data.connect()) {
            for (EditedMemory memory : all) {
                for (String sql : List.of(
                        "SELECT count(*) FROM messages WHERE session_id = ? AND content NOT LIKE '%xylophone%'",
                        "SELECT count(*) FROM memory_units WHERE session_id = ?",
                        "SELECT count(*) FROM memory_units WHERE session_id = ? AND vector IS NOT NULL")) {
                    Await.until(sql, LIMIT, () -> count(database, sql, memory.sessionId()) == memory.rows());
                }
            }
        }
    }

    private static int count(Connection database, String sql, String sessionId) throws SQLException {
        try (PreparedStatement statement = database.prepareStatement(sql)) {
            statement.setString(1, sessionId);
            try (ResultSet count = statement.executeQuery()) {
                count.next();
                return count.getInt(1);
            }
        }
    }
}
