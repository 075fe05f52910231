package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The server is killed while a session or a user is being erased: after that it is whole or gone, and the repetition
 * leaves nothing in any table, and one receipt of all that there was.
 */
class Kill9AmidErasureIT {
    private static final int KILLS = Integer.getInteger("memfuse.erasure.kills", 4);
    private static final int SESSIONS = 3;
    private static final int ROUNDS = 20;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** How long each removal takes, so that the server can be killed in it; in seconds. */
    private static final double SLOW_REMOVAL = 0.3;

    /** Where the server is killed: while rows of this table are removed, or when the erasure is answered. */
    private static final List<String> MOMENTS =
            List.of("sessions", "messages", "memory_units", "event_journal", "answered");

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(Kill9AmidErasureIT.class);

    /** Somebody with sessions, of which one is to go, or all. */
    private record Victim(String userId, List<String> sessions, boolean wholeUser) {
        String id() {
            return wholeUser ? userId : sessions.get(0);
        }

        String path() {
            return wholeUser ? "/users/" + userId : "/sessions/" + id();
        }

        List<String> erasedSessions() {
            return wholeUser ? sessions : sessions.subList(0, 1);
        }

        List<String> erasedIds() {
            List<String> ids = new ArrayList<>(erasedSessions());
            if (wholeUser) {
                ids.add(userId);
            }
            return ids;
        }
    }

    @Test
    void leavesNothingAndOneReceiptWhereverItWasKilled() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        Launch launch = Launch.in(data.path()).wordsOnly();
        ServerProcess server = scene.start(launch);
        slowRemovals(data);
        String agentId = server.client().createAgent("agent");
        int firstMoment = seed.random(0).nextInt(MOMENTS.size());
        for (int kill = 0; kill < KILLS; kill++) {
            Random random = seed.random(kill + 1);
            String moment = MOMENTS.get((firstMoment + kill) % MOMENTS.size());
            Victim victim = victim(server.client(), agentId, random);
            killAmid(moment, victim, server, data);
            server = scene.start(launch);
            check(victim, server.client(), data);
        }
        System.out.printf("Kill9AmidErasureIT: %d kills%n", KILLS);
    }

    private static Victim victim(Client client, String agentId, Random random) throws IOException {
        String userId = client.createUser("user " + random.nextLong());
        List<String> sessions = new ArrayList<>();
        for (int s = 0; s < SESSIONS; s++) {
            String sessionId = client.createSession(userId, agentId);
            sessions.add(sessionId);
            for (int round = 0; round < ROUNDS; round++) {
                client.appendPatiently(sessionId, List.of(new Client.Said(null, "I said " + round)));
            }
        }
        client.post("/users/" + userId + "/knowledge", Map.of("knowledge", List.of("something known")))
                .expect(201);
        client.flush();
        return new Victim(userId, sessions, random.nextBoolean());
    }

    private static void killAmid(String moment, Victim victim, ServerProcess server, DataDirectory data)
            throws Exception {
        Client client = server.client();
        CompletableFuture<Void> erasing = CompletableFuture.runAsync(() -> {
            try {
                client.delete(victim.path(), Map.of());
            } catch (IOException e) {
                // the server was killed before it could answer
            }
        });
        try (Connection database = data.connect()) {
            Await.until("it is erased: " + moment, LIMIT, () -> erasing.isDone() || isRemoving(database, moment));
        }
        server.kill9();
        erasing.join();
    }

    private static boolean isRemoving(Connection database, String table) throws SQLException {
        try (Statement statement = database.createStatement();
                ResultSet found = statement.executeQuery("SELECT FROM pg_stat_activity WHERE state = 'active'"
                        + " AND query LIKE 'DELETE FROM " + table + " WHERE ctid%'")) {
            return found.next();
        }
    }

    private static void check(Victim victim, Client client, DataDirectory data) throws Exception {
        for (String sessionId : victim.erasedSessions()) {
            Answer history = client.get(Client.messages(sessionId) + "?limit=100");
            if (history.status() != 404) {
                assertThat(history.expect(200).data().path("messages"))
                        .as("a session that is not erased is whole")
                        .hasSize(ROUNDS);
            }
        }
        Await.until("it is erased", LIMIT, () -> {
            Answer answer = client.delete(victim.path(), Map.of());
            assertThat(answer.status()).isIn(victim.wholeUser() ? 204 : 200, 404, 503);
            return answer.status() != 503;
        });
        try (Connection database = data.connect()) {
            assertThat(Remains.of(database, victim.erasedIds())).isEmpty();
        }
        Answer receipt = client.get("/erasures/" + victim.id()).expect(200);
        int sessions = victim.erasedSessions().size();
        assertThat(receipt.data().at("/erasure/counts/sessions").asInt()).isEqualTo(sessions);
        assertThat(receipt.data().at("/erasure/counts/m0").asInt()).isEqualTo(sessions * ROUNDS);
        assertThat(receipt.data().at("/erasure/counts/m1").asInt()).isEqualTo(sessions * ROUNDS);
        if (victim.wholeUser()) {
            client.get("/users/" + victim.userId()).expect(404);
        } else {
            assertThat(client.history(victim.sessions().get(1))).hasSize(ROUNDS);
            assertThat(client.query(victim.userId(), "said", 100)).hasSize((SESSIONS - 1) * ROUNDS);
        }
    }

    private static void slowRemovals(DataDirectory data) throws SQLException, IOException {
        try (Connection database = data.connect();
                Statement statement = database.createStatement()) {
            statement.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " PERFORM pg_sleep(" + SLOW_REMOVAL + "); RETURN NULL; END $$");
            for (String table : List.of("sessions", "messages", "memory_units", "event_journal")) {
                statement.execute(
                        "CREATE TRIGGER slow AFTER DELETE ON " + table + " FOR EACH STATEMENT EXECUTE FUNCTION slow()");
            }
        }
    }
}
