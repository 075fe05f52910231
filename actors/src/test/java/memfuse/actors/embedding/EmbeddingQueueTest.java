package memfuse.actors.embedding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class EmbeddingQueueTest {
    private final FakeModel model = new FakeModel();
    private EmbeddingQueue queue = new EmbeddingQueue(model, settings(100, 100));

    private static EmbeddingQueueSettings settings(int maxQueuedTexts, int maxQueuedQueries) {
        return new EmbeddingQueueSettings(maxQueuedTexts, maxQueuedQueries, 8, 256, 1, 1, 10, 10);
    }

    @AfterEach
    void close() {
        model.gate.release(1_000_000);
        queue.close();
    }

    @Test
    void embedsWhatIsOffered() throws Exception {
        model.gate.release(1);
        assertThat(get(queue.offer("alice", "hello", 1))).containsExactly(5f, 'h');
        assertThat(queue.stats().embedded()).isEqualTo(1);
        assertThat(queue.stats().batches()).isEqualTo(1);
    }

    @Test
    void batchesTextsThatWaitUpToABoundOfTokens() throws Exception {
        List<CompletionStage<float[]>> vectors = new ArrayList<>();
        vectors.add(queue.offer("alice", "first", 5).orElseThrow());
        model.entered.acquire();
        int[] tokens = {10, 150, 11, 90, 12, 80, 9, 10, 300, 10, 10, 10, 10};
        for (int i = 0; i < tokens.length; i++) {
            vectors.add(queue.offer("alice", "t" + i, tokens[i]).orElseThrow());
        }
        model.gate.release(1_000);
        for (CompletionStage<float[]> vector : vectors) {
            get(vector);
        }
        assertThat(model.calls)
                .containsExactly(
                        List.of("first"),
                        List.of("t0", "t1", "t2"),
                        List.of("t3", "t4", "t5", "t6", "t7"),
                        List.of("t8"),
                        List.of("t9", "t10", "t11", "t12"));
    }

    @Test
    void keepsABatchWithinItsTokens() throws Exception {
        List<CompletionStage<float[]>> vectors = new ArrayList<>();
        vectors.add(queue.offer("alice", "first", 5).orElseThrow());
        model.entered.acquire();
        for (int i = 0; i < 8; i++) {
            vectors.add(queue.offer("alice", "t" + i, 80).orElseThrow());
        }
        model.gate.release(1_000);
        for (CompletionStage<float[]> vector : vectors) {
            get(vector);
        }
        assertThat(model.calls).extracting(List::size).containsExactly(1, 3, 3, 2);
    }

    @Test
    void shedsIngestWhenFullButNotQueries() throws Exception {
        close();
        queue = new EmbeddingQueue(model.reset(), settings(4, 100));
        queue.offer("alice", "running", 1);
        model.entered.acquire();
        assertThat(queue.offer("alice", "a", 1)).isPresent();
        assertThat(queue.offer("alice", "b", 1)).isPresent();
        assertThat(queue.offer("alice", "c", 1)).isEmpty();
        assertThat(queue.stats().shed()).isEqualTo(1);
        assertThat(queue.stats().queuedTexts()).isEqualTo(2);

        CompletionStage<float[]> query = queue.embedQuery("alice", "query");
        model.entered.acquire();
        model.gate.release(1_000);
        assertThat(get(query)).containsExactly(5f, 'q');
    }

    @Test
    void embedsQueriesAloneWhateverIngestDoes() throws Exception {
        queue.offer("alice", "busy", 1);
        model.entered.acquire();
        List<CompletionStage<float[]>> queries = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            queries.add(queue.embedQuery("alice", "q" + i));
        }
        model.gate.release(1_000);
        for (CompletionStage<float[]> query : queries) {
            get(query);
        }
        assertThat(model.calls)
                .filteredOn(call -> call.get(0).startsWith("q"))
                .allSatisfy(call -> assertThat(call).hasSize(1));
        assertThat(queue.stats().queries()).isEqualTo(5);
    }

    @Test
    void refusesQueriesBeyondTheBound() throws Exception {
        close();
        queue = new EmbeddingQueue(model.reset(), settings(2, 1));
        CompletionStage<float[]> running = queue.embedQuery("alice", "running");
        model.entered.acquire();
        CompletionStage<float[]> waiting = queue.embedQuery("alice", "waiting");
        CompletionStage<float[]> refused = queue.embedQuery("alice", "refused");
        assertThatThrownBy(() -> get(refused)).hasCauseInstanceOf(EmbeddingException.class);
        model.gate.release(2);
        assertThat(get(running)).isNotNull();
        assertThat(get(waiting)).isNotNull();
    }

    @Test
    void remembersRecentQueries() throws Exception {
        model.gate.release(100);
        float[] first = get(queue.embedQuery("alice", "again"));
        first[0] = 99; // the caller's own copy
        assertThat(get(queue.embedQuery("alice", "again"))).containsExactly(5f, 'a');
        assertThat(queue.stats().queryCacheHits()).isEqualTo(1);
        for (int i = 0; i < 11; i++) {
            get(queue.embedQuery("alice", "other" + i));
        }
        get(queue.embedQuery("alice", "again"));
        assertThat(queue.stats().queries()).isEqualTo(13);
    }

    @Test
    void aTextThatFailsDoesNotHarmItsBatch() throws Exception {
        CompletionStage<float[]> first = queue.offer("alice", "first", 1).orElseThrow();
        model.entered.acquire();
        CompletionStage<float[]> good = queue.offer("alice", "good", 1).orElseThrow();
        CompletionStage<float[]> bad = queue.offer("alice", "bad", 1).orElseThrow();
        CompletionStage<float[]> fine = queue.offer("alice", "fine", 1).orElseThrow();
        model.gate.release(1_000);
        assertThat(get(first)).isNotNull();
        assertThat(get(good)).containsExactly(4f, 'g');
        assertThat(get(fine)).containsExactly(4f, 'f');
        assertThatThrownBy(() -> get(bad))
                .hasCauseInstanceOf(EmbeddingException.class)
                .hasStackTraceContaining("bad text");
        assertThat(queue.stats().failed()).isEqualTo(1);
        assertThat(queue.stats().embedded()).isEqualTo(3);
    }

    @Test
    void survivesAnErrorOfTheModel() throws Exception {
        model.gate.release(1_000);
        assertThatThrownBy(() -> get(queue.offer("alice", "broken", 1))).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(get(queue.offer("alice", "next", 1))).containsExactly(4f, 'n');
    }

    @Test
    void failsWhatWaitsWhenClosed() throws Exception {
        CompletionStage<float[]> running = queue.offer("alice", "running", 1).orElseThrow();
        model.entered.acquire();
        CompletionStage<float[]> waiting = queue.offer("alice", "waiting", 1).orElseThrow();
        CompletableFuture<Void> closing = CompletableFuture.runAsync(queue::close);
        assertThatThrownBy(() -> get(waiting)).hasCauseInstanceOf(EmbeddingException.class);
        model.gate.release(1);
        closing.get(30, TimeUnit.SECONDS);
        assertThat(get(running)).containsExactly(7f, 'r');
        assertThat(queue.offer("alice", "late", 1)).isEmpty();
        assertThatThrownBy(() -> get(queue.embedQuery("alice", "late"))).hasCauseInstanceOf(EmbeddingException.class);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void lowersThePriorityOfIngestThreadsOnly() throws Exception {
        model.gate.release(1_000);
        get(queue.offer("alice", "ingest", 1));
        get(queue.embedQuery("alice", "query"));
        int normal = ThreadNiceness.current();
        assertThat(model.niceness).containsExactly(Math.min(19, normal + 10), normal);
    }

    private static float[] get(Optional<CompletionStage<float[]>> vector) throws Exception {
        return get(vector.orElseThrow());
    }

    private static float[] get(CompletionStage<float[]> vector) throws ExecutionException {
        try {
            return vector.toCompletableFuture().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException | java.util.concurrent.TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    /** Gives each text its length and first letter; waits for a permit before each call. */
    private static final class FakeModel implements EmbeddingModel {
        final Semaphore gate = new Semaphore(0);
        final Semaphore entered = new Semaphore(0);
        final List<List<String>> calls = Collections.synchronizedList(new ArrayList<>());
        final List<Integer> niceness = Collections.synchronizedList(new ArrayList<>());

        FakeModel reset() {
            gate.drainPermits();
            entered.drainPermits();
            calls.clear();
            return this;
        }

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public int dimensions() {
            return 2;
        }

        @Override
        public float[][] embed(List<String> texts) {
            calls.add(List.copyOf(texts));
            niceness.add(OS.LINUX.isCurrentOs() ? ThreadNiceness.current() : 0);
            entered.release();
            gate.acquireUninterruptibly();
            if (texts.contains("bad")) {
                throw new IllegalStateException("bad text");
            }
            if (texts.contains("broken")) {
                throw new OutOfMemoryError("native memory");
            }
            return texts.stream()
                    .map(text -> new float[] {text.length(), text.charAt(0)})
                    .toArray(float[][]::new);
        }

        @Override
        public void close() {}
    }
}
