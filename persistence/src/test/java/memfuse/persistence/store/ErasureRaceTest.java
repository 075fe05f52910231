package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.testkit.LayerStoreFixture;
import memfuse.protocol.testkit.LayerStoreTestBase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Erasure while flushes and embeddings of the same sessions are under way. */
final class ErasureRaceTest extends LayerStoreTestBase {
    private static final KnowledgeBounds BOUNDS = new KnowledgeBounds(100, 100);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    private static final ExecutorService THREADS = Executors.newFixedThreadPool(8);

    @Override
    protected LayerStoreFixture newFixture() {
        return POSTGRES.cleared();
    }

    @AfterAll
    static void stopThreads() {
        THREADS.shutdown();
    }

    @Test
    void removesWhatAFlushUnderWayHasWritten() throws SQLException {
        session("u", "s");
        journalUpTo("s", 1);
        try (Connection blocker = POSTGRES.dataSource().getConnection();
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("LOCK TABLE memory_units IN SHARE MODE");
            CompletableFuture<Void> flushing = run(() -> flush(flushOf("u", "s").append(1)));
            awaitWaiting(1);
            CompletableFuture<Void> erasing = run(() -> store().eraseSession("u", "s"));
            awaitWaiting(2);
            blocker.commit();
            flushing.join();
            erasing.join();
        }
        assertNothingLeft("true");
    }

    @Test
    void keepsOutAFlushThatComesDuringTheErasure() throws SQLException {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1));
        journalUpTo("s", 2);
        journalUpTo("t", 1);
        try (Connection blocker = POSTGRES.dataSource().getConnection();
                Statement statement = blocker.createStatement()) {
            blocker.setAutoCommit(false);
            statement.execute("LOCK TABLE messages IN SHARE MODE");
            CompletableFuture<Void> erasing = run(() -> store().eraseSession("u", "s"));
            awaitWaiting(1);
            CompletableFuture<Void> flushing = run(() -> flush(
                    flushOf("u", "s").after(1).append(2), flushOf("u", "t").append(1)));
            awaitWaiting(2);
            blocker.commit();
            flushing.join();
            erasing.join();
        }
        assertNothingLeft("session_id = 's'");
        assertThat(unitTexts("u")).containsExactly("t/1/0: content 1");
    }

    @Test
    void leavesNothingOfErasedSessionsWhateverIsUnderWay() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 25; round++) {
            int sessions = 6;
            List<SessionFlush> flushes = new ArrayList<>();
            List<UnitVector> vectors = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                String id = round + "-" + i;
                session("u" + round, id);
                journalUpTo(id, 2);
                flush(flushOf("u" + round, id).append(1));
                flushes.add(flushOf("u" + round, id).after(1).append(2).build());
                vectors.add(new UnitVector("u" + round, new UnitKey(id, 1, 0), "content 1", new float[] {1f}));
            }
            String user = "u" + round;
            knowledge().add(user, List.of(split("a"), split("b")), Instant.EPOCH, BOUNDS);
            vectors.add(new UnitVector(user, UnitKey.ofKnowledge(user, 1, 0), "a", new float[] {1f}));
            vectors.add(new UnitVector(user, UnitKey.ofKnowledge(user, 2, 0), "b", new float[] {1f}));
            String ofRound = round + "-";
            List<FactBatch> batches = facts().waiting(1_000, 10, 100, Set.of()).stream()
                    .filter(batch -> batch.sessionId().startsWith(ofRound))
                    .toList();
            String erased = round + "-" + random.nextInt(sessions);
            boolean wholeUser = random.nextInt(4) == 0;
            CompletableFuture.allOf(
                            after(random, () -> store().flush(flushes)),
                            after(random, () -> store().storeVectors(vectors)),
                            after(random, () -> batches.forEach(ErasureRaceTest::storeAFact)),
                            after(random, () -> store().flush(reversed(flushes))),
                            after(random, () -> knowledge().add(user, List.of(split("c")), Instant.EPOCH, BOUNDS)),
                            after(
                                    random,
                                    () -> knowledge()
                                            .update(user, List.of(split("b"), split("a")), Instant.EPOCH, BOUNDS)),
                            after(random, () -> knowledge().delete(user, List.of("b"))),
                            after(random, () -> {
                                if (wholeUser) {
                                    store().eraseUser(user);
                                } else {
                                    store().eraseSession(user, erased);
                                }
                            }))
                    .join();
            if (wholeUser) {
                assertThat(POSTGRES.rows("SELECT user_id FROM knowledge WHERE user_id = '" + user + "' UNION ALL"
                                + " SELECT user_id FROM knowledge_units WHERE user_id = '" + user + "'"))
                        .isEmpty();
            } else {
                assertThat(knowledge().list(user)).extracting(KnowledgeItem::id).containsExactly("a", "c");
            }
            assertNothingLeft(wholeUser ? "session_id LIKE '" + round + "-%'" : "session_id = '" + erased + "'");
            if (!wholeUser) {
                assertThat(units(user)).hasSize(2 * (sessions - 1));
                assertThat(facts().facts(user, new FactQuery(null, true, 100))).hasSize(sessions - 1);
                assertThat(store().dirtySessions(user)).isEmpty();
            }
        }
    }

    private static void storeAFact(FactBatch batch) {
        ExtractedFact fact = new ExtractedFact("ann", "likes", "tea", "t", "likes tea", List.of(1L), null, null, 1);
        POSTGRES.facts().store(batch, List.of(fact), "test/1");
    }

    private static SplitKnowledge split(String id) {
        return new SplitKnowledge(id, id, List.of(new SplitKnowledge.Piece(id, 1)));
    }

    private static List<SessionFlush> reversed(List<SessionFlush> flushes) {
        List<SessionFlush> reversed = new ArrayList<>();
        flushes.forEach(flush -> reversed.add(0, flush));
        return reversed;
    }

    private static CompletableFuture<Void> run(Runnable action) {
        return CompletableFuture.runAsync(action, THREADS);
    }

    /** Runs the action after a random number of queries, so that the actions meet at different points. */
    private static CompletableFuture<Void> after(Random random, Runnable action) {
        int queries = random.nextInt(12);
        return run(() -> {
            for (int i = 0; i < queries; i++) {
                POSTGRES.rows("SELECT 1");
            }
            action.run();
        });
    }

    private static void awaitWaiting(int backends) {
        Instant deadline = Instant.now().plus(LIMIT);
        while (Integer.parseInt(POSTGRES.rows("SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted")
                        .get(0))
                < backends) {
            assertThat(Instant.now()).as("backends waiting for a lock").isBefore(deadline);
            Thread.onSpinWait();
        }
    }

    private static void assertNothingLeft(String condition) {
        for (String rows : List.of(
                "messages",
                "memory_units",
                "facts",
                "fact_evidence",
                "fact_progress",
                "(SELECT id AS session_id FROM sessions) s",
                "(SELECT substr(persistence_id, 9) AS session_id FROM event_journal) j")) {
            assertThat(POSTGRES.rows("SELECT session_id FROM " + rows + " WHERE " + condition))
                    .as(rows)
                    .isEmpty();
        }
    }
}
