package memfuse.cluster.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A user or a session is erased while eight writers go on and flushes are slow. */
class ErasureRaceIT {
    private static final int ROUNDS = Integer.getInteger("memfuse.erasure.rounds", 10);
    private static final int WRITERS = 8;
    private static final int SESSIONS = 3;
    private static final int MOST_ACKNOWLEDGED_BEFORE = 120;
    private static final Duration LIMIT = Duration.ofMinutes(1);

    /** Longest that a flush is held up, in seconds. */
    private static final double SLOWEST_FLUSH = 0.15;

    @RegisterExtension
    final Scene scene = new Scene();

    private final Seed seed = Seed.of(ErasureRaceIT.class);

    @Test
    void leavesNothingOfWhatWasErasedInAnyTable() throws Exception {
        DataDirectory data = scene.newDataDirectory();
        ServerProcess server = scene.start(Launch.in(data.path()).wordsOnly());
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS + 1);
        try (Connection database = data.connect()) {
            slowFlushes(database);
            String agentId = server.client().createAgent("agent");
            for (int round = 0; round < ROUNDS; round++) {
                race(server.client(), database, agentId, seed.random(round), threads);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void race(Client client, Connection database, String agentId, Random random, ExecutorService threads)
            throws Exception {
        String userId = client.createUser("user " + random.nextLong());
        List<String> sessions = new ArrayList<>();
        for (int i = 0; i < SESSIONS; i++) {
            sessions.add(client.createSession(userId, agentId));
        }
        AtomicBoolean erased = new AtomicBoolean();
        AtomicInteger acknowledged = new AtomicInteger();
        boolean wholeUser = random.nextBoolean();
        String victim = wholeUser ? userId : sessions.get(0);
        int eraseAfter = 1 + random.nextInt(MOST_ACKNOWLEDGED_BEFORE);
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int w = 0; w < WRITERS; w++) {
            String sessionId = wholeUser ? sessions.get(w % SESSIONS) : victim;
            writers.add(CompletableFuture.runAsync(() -> write(client, sessionId, erased, acknowledged), threads));
        }
        knowledge(client, userId).expect(201);
        if (wholeUser) {
            writers.add(CompletableFuture.runAsync(() -> know(client, userId, erased), threads));
        }
        Await.until("the writers have begun", LIMIT, () -> acknowledged.get() >= eraseAfter);
        client.query(userId, "word", 3); // so that there is an index that could keep something

        String path = wholeUser ? "/users/" + victim : "/sessions/" + victim;
        Answer answer = client.delete(path, Map.of());
        assertThat(answer.status()).isEqualTo(wholeUser ? 204 : 200);
        erased.set(true);
        for (CompletableFuture<Void> writer : writers) {
            writer.get();
        }
        client.flush();

        List<String> ids = wholeUser ? new ArrayList<>(sessions) : new ArrayList<>(List.of(victim));
        if (wholeUser) {
            ids.add(userId);
        }
        assertThat(Remains.of(database, ids)).isEmpty();
        Answer receipt = client.get("/erasures/" + victim).expect(200);
        assertThat(receipt.data().at("/erasure/counts/sessions").asInt()).isEqualTo(wholeUser ? SESSIONS : 1);
        if (wholeUser) {
            assertThat(receipt.data().at("/erasure/counts/knowledge").asInt()).isPositive();
        } else {
            assertThat(client.query(userId, "word", 100)).isEmpty();
            client.append(sessions.get(1), "a word that stays").expect(201);
            assertThat(client.query(userId, "word", 100)).hasSize(1);
        }
    }

    /** Writes until the session is gone; what is sent after the erasure was answered must be refused as unknown. */
    private static void write(Client client, String sessionId, AtomicBoolean erased, AtomicInteger acknowledged) {
        try {
            for (int i = 0; ; i++) {
                boolean after = erased.get();
                Answer answer = client.append(sessionId, "word number " + i);
                if (after || answer.status() == 404) {
                    assertThat(answer.status()).isEqualTo(404);
                    return;
                }
                if (answer.created()) {
                    acknowledged.incrementAndGet();
                } else {
                    assertThat(answer.refusedForNow()).as("answered %s", answer).isTrue();
                }
            }
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        }
    }

    private static Answer knowledge(Client client, String userId) throws IOException {
        return client.post("/users/" + userId + "/knowledge", Map.of("knowledge", List.of("something known")));
    }

    /** Adds knowledge until the user is gone. */
    private static void know(Client client, String userId, AtomicBoolean erased) {
        try {
            while (true) {
                boolean after = erased.get();
                Answer answer = knowledge(client, userId);
                if (after || answer.status() == 404) {
                    assertThat(answer.status()).isEqualTo(404);
                    return;
                }
                assertThat(answer.created() || answer.refusedForNow())
                        .as("answered %s", answer)
                        .isTrue();
            }
        } catch (IOException e) {
            throw new AssertionError("no answer", e);
        }
    }

    /** Each statement that writes messages takes a while, so that erasures meet flushes half-way. */
    private static void slowFlushes(Connection database) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                    + " PERFORM pg_sleep(random() * " + SLOWEST_FLUSH + "); RETURN NULL; END $$");
            statement.execute(
                    "CREATE TRIGGER slow BEFORE INSERT ON messages FOR EACH STATEMENT EXECUTE FUNCTION slow()");
        }
    }
}
