package memfuse.actors.embedding;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import memfuse.actors.embedding.WaitingTexts.Job;
import org.jspecify.annotations.Nullable;

/**
 * The node's embedding service: a bounded queue of texts in front of one model, with threads of its own.
 *
 * <p>Ingest is embedded in batches of what is waiting when a worker is free, on threads of low priority that rest while
 * others want the processors ({@link IngestPace}); when its queue is full it is shed. Users take turns in both queues, and
 * none of them fills one ({@link WaitingTexts}). Queries have threads of their own at normal priority and are embedded one by
 * one, as they come; vectors of recent queries are remembered.
 *
 * <p>All methods may be called from any thread. Stages complete on the worker threads: continue them with something
 * short, or elsewhere. A batch that fails is repeated text by text, so that one text cannot harm others.
 */
public final class EmbeddingQueue implements AutoCloseable {
    /** How long {@link #close()} waits for the batch that is running. */
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final EmbeddingModel model;
    private final EmbeddingQueueSettings settings;
    private final EmbeddingCounters counters = new EmbeddingCounters();
    private final QueryVectorCache queryVectors;
    private final List<Thread> threads = new ArrayList<>();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition ingestWaiting = lock.newCondition();
    private final Condition queryWaiting = lock.newCondition();
    private final Condition closing = lock.newCondition();

    // Guarded by the lock.
    private final WaitingTexts ingest;
    private final WaitingTexts queries;
    private boolean closed;

    /** Starts the threads. The model stays the caller's: close it after the queue. */
    public EmbeddingQueue(EmbeddingModel model, EmbeddingQueueSettings settings) {
        this.model = model;
        this.settings = settings;
        queryVectors = new QueryVectorCache(settings.cachedQueries());
        ingest = new WaitingTexts(settings.maxQueuedTexts());
        queries = new WaitingTexts(settings.maxQueuedQueries());
        for (int i = 0; i < settings.ingestWorkers(); i++) {
            start("memfuse-embed-ingest-" + i, this::ingestLoop);
        }
        for (int i = 0; i < settings.queryWorkers(); i++) {
            start("memfuse-embed-query-" + i, this::queryLoop);
        }
    }

    private void start(String name, Runnable loop) {
        Thread thread = new Thread(loop, name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /**
     * Queues a text to be embedded when there is time.
     *
     * @param userId whose it is; users take turns
     * @param tokens about how many tokens it has; decides only what it is batched with
     * @return its vector to be, or empty when the queue is closed or has no place left for this user: nothing is
     *     remembered of the text then
     */
    public Optional<CompletionStage<float[]>> offer(String userId, String text, int tokens) {
        Job job = new Job(userId, text, tokens, 0, new CompletableFuture<>());
        lock.lock();
        try {
            if (closed || !ingest.add(job)) {
                counters.shed.increment();
                return Optional.empty();
            }
            ingestWaiting.signal();
        } finally {
            lock.unlock();
        }
        return Optional.of(job.vector());
    }

    /** Whether so many more texts would be taken now, or as many as fill half of the queue. */
    public boolean hasRoomFor(int texts) {
        lock.lock();
        try {
            return ingest.hasRoomFor(texts);
        } finally {
            lock.unlock();
        }
    }

    /** The vector of a user's query; fails with {@link EmbeddingException} when too many are waiting. */
    public CompletionStage<float[]> embedQuery(String userId, String text) {
        float[] known = queryVectors.get(text);
        if (known != null) {
            counters.queryCacheHits.increment();
            return CompletableFuture.completedFuture(known);
        }
        Job job = new Job(userId, text, 0, queryVectors.generation(), new CompletableFuture<>());
        lock.lock();
        try {
            if (closed || !queries.add(job)) {
                counters.refusedQueries.increment();
                return CompletableFuture.failedFuture(new EmbeddingException(
                        closed ? "the embedding queue is closed" : "too many queries wait: " + queries.size()));
            }
            queryWaiting.signal();
        } finally {
            lock.unlock();
        }
        return job.vector();
    }

    /** Keeps no vector of any query before, also of those that are on their way. */
    public void forgetQueries() {
        queryVectors.clear();
    }

    /** What was done so far and what is waiting now. */
    public EmbeddingStats stats() {
        lock.lock();
        try {
            return counters.snapshot(ingest.size(), queries.size());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops: running batches end, everything that waits fails with {@link EmbeddingException}. Waits for the threads
     * for a few seconds.
     */
    @Override
    public void close() {
        List<Job> waiting = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            waiting.addAll(ingest.takeAll());
            waiting.addAll(queries.takeAll());
            ingestWaiting.signalAll();
            queryWaiting.signalAll();
            closing.signalAll();
        } finally {
            lock.unlock();
        }
        EmbeddingException reason = new EmbeddingException("the embedding queue was closed");
        waiting.forEach(job -> job.vector().completeExceptionally(reason));
        long deadline = System.nanoTime() + CLOSE_WAIT_MILLIS * 1_000_000;
        try {
            for (Thread thread : threads) {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ingestLoop() {
        ThreadNiceness.apply(settings.ingestNiceness());
        IngestPace pace = new IngestPace();
        boolean goOn = true;
        while (goOn) {
            ProcessorTimes before = ProcessorTimes.ofThisThread();
            goOn = embedNextBatch();
            if (goOn && settings.ingestGivesWay()) {
                rest(pace.restAfter(ProcessorTimes.ofThisThread().since(before), ingestWaits()));
            }
        }
    }

    private boolean ingestWaits() {
        lock.lock();
        try {
            return !ingest.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private void rest(Duration time) {
        lock.lock();
        try {
            long nanos = time.toNanos();
            while (nanos > 0 && !closed) {
                nanos = closing.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void queryLoop() {
        boolean goOn = true;
        while (goOn) {
            goOn = embedNextQuery();
        }
    }

    /** Embeds a batch, and keeps nothing of it while the thread waits for the next; false means closed. */
    private boolean embedNextBatch() {
        List<Job> batch = takeBatch();
        if (batch.isEmpty()) {
            return false;
        }
        long startNanos = EmbeddingCounters.cpuNanos();
        counters.batches.increment();
        embedBatch(batch);
        counters.ingestCpuNanos.add(EmbeddingCounters.cpuNanos() - startNanos);
        return true;
    }

    /** Embeds a query, and keeps nothing of it while the thread waits for the next; false means closed. */
    private boolean embedNextQuery() {
        Job job = takeQuery();
        if (job == null) {
            return false;
        }
        long startNanos = EmbeddingCounters.cpuNanos();
        counters.queries.increment();
        embedSingly(job, true);
        counters.queryCpuNanos.add(EmbeddingCounters.cpuNanos() - startNanos);
        return true;
    }

    private void embedBatch(List<Job> batch) {
        if (batch.size() == 1) {
            embedSingly(batch.get(0), false);
            return;
        }
        float[][] vectors;
        try {
            vectors = model.embed(batch.stream().map(Job::text).toList());
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            if (e instanceof EmbeddingException failure && failure.isOfModel()) {
                batch.forEach(job -> fail(job, failure));
            } else {
                batch.forEach(job -> embedSingly(job, false));
            }
            return;
        }
        counters.embedded.add(batch.size());
        for (int i = 0; i < vectors.length; i++) {
            batch.get(i).vector().complete(vectors[i]);
        }
    }

    private void embedSingly(Job job, boolean query) {
        float[] vector;
        try {
            vector = query ? model.embedQuery(job.text()) : model.embed(List.of(job.text()))[0];
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            fail(job, e);
            return;
        }
        if (query) {
            queryVectors.put(job.text(), vector, job.askedIn());
        } else {
            counters.embedded.increment();
        }
        job.vector().complete(vector);
    }

    private void fail(Job job, Throwable cause) {
        counters.failed.increment();
        job.vector()
                .completeExceptionally(new EmbeddingException(
                        "no embedding for a text of this length in chars: "
                                + job.text().length(),
                        cause));
    }

    private @Nullable Job takeQuery() {
        lock.lock();
        try {
            while (queries.isEmpty() && !closed) {
                queryWaiting.awaitUninterruptibly();
            }
            return queries.takeOne();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for work and takes a batch of it; empty means closed. */
    private List<Job> takeBatch() {
        lock.lock();
        try {
            while (ingest.isEmpty() && !closed) {
                ingestWaiting.awaitUninterruptibly();
            }
            return closed ? List.of() : ingest.takeBatch(settings);
        } finally {
            lock.unlock();
        }
    }
}
