package memfuse.actors.flush;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import memfuse.actors.flush.FlushQueue.Job;
import memfuse.protocol.Cause;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.flush.FlushProtocol.Command;
import memfuse.protocol.flush.FlushProtocol.FlushStored;
import memfuse.protocol.flush.FlushProtocol.Submit;
import memfuse.protocol.flush.FlushProtocol.Withdraw;
import memfuse.protocol.store.SessionFlush;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * The flush coordinator of a node: queues what sessions submit and gives it to the workers that ask.
 *
 * <p>{@code FlushStored} says that the store has committed. A flush that fails is tried again until it is stored or
 * withdrawn: those that failed together in halves, so that one at fault is soon alone, and one alone after a growing
 * pause. Whether the store as a whole is at fault cannot be told from one failure; so after each a single flush is tried,
 * and, while that fails as well, another one after a growing pause. When one is stored, the others follow together.
 *
 * <p>While one worker writes, another is given what gathers only when that fills a
 * transaction or has waited for {@link #PATIENCE}: few large transactions cost far less than many small ones. Nothing
 * here is durable: after a crash the sessions submit again what the journal still holds.
 */
public final class FlushCoordinator extends AbstractBehavior<Command> {
    /** How long flushes that do not fill a transaction wait for the one that is being written. */
    static final Duration PATIENCE = Duration.ofMillis(100);

    /** A worker is free. */
    record Pull(ActorRef<FlushWorker.Command> worker) implements FlushProtocol.Internal {}

    /** A worker is done with what it was given; {@code failure} is null where that is stored. */
    record Finished(
            ActorRef<FlushWorker.Command> worker,
            Duration took,
            @Nullable Throwable failure) implements FlushProtocol.Internal {}

    private record RetryDue(Job job) implements FlushProtocol.Internal {}

    private record PatienceOver() implements FlushProtocol.Internal {}

    private record RestOver() implements FlushProtocol.Internal {}

    private final TimerScheduler<Command> timers;
    private final FlushSettings settings;
    private final Consumer<List<SessionFlush>> store;
    private final Executor storeExecutor;
    private final FlushCounters counters;
    private final FlushQueue queue = new FlushQueue();
    private final Deque<ActorRef<FlushWorker.Command>> freeWorkers = new ArrayDeque<>();

    /** What each busy worker writes. */
    private final Map<ActorRef<FlushWorker.Command>, List<Job>> writing = new HashMap<>();

    /** Transactions that failed since one was stored. */
    private int failuresInARow;

    /** The one flush that each session waits for: in the queue, with a worker, or pausing before a retry. */
    private final Map<String, Submit> awaited = new HashMap<>();

    /**
     * The coordinator with its workers as children.
     *
     * @param store writes flushes in one transaction; blocking, and returns when that is committed
     * @param storeExecutor for blocking work, with at least {@code maxWorkers} threads to spare
     * @param counters are told what becomes of the flushes
     */
    public static Behavior<Command> create(
            FlushSettings settings,
            Consumer<List<SessionFlush>> store,
            Executor storeExecutor,
            FlushCounters counters) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> new FlushCoordinator(context, timers, settings, store, storeExecutor, counters)));
    }

    private FlushCoordinator(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            FlushSettings settings,
            Consumer<List<SessionFlush>> store,
            Executor storeExecutor,
            FlushCounters counters) {
        super(context);
        this.timers = timers;
        this.settings = settings;
        this.store = store;
        this.storeExecutor = storeExecutor;
        this.counters = counters;
        for (int i = 0; i < settings.maxWorkers(); i++) {
            startWorker();
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Submit.class, this::onSubmit)
                .onMessage(Withdraw.class, this::onWithdraw)
                .onMessage(Pull.class, this::onPull)
                .onMessage(Finished.class, this::onFinished)
                .onMessage(RetryDue.class, this::onRetryDue)
                .onMessage(PatienceOver.class, over -> onPatienceOver())
                .onMessage(RestOver.class, over -> dispatch())
                .onSignal(Terminated.class, this::onWorkerEnded)
                .build();
    }

    private Behavior<Command> onSubmit(Submit submit) {
        awaited.put(submit.flush().sessionId(), submit);
        queue.add(Job.of(submit));
        return dispatch();
    }

    private Behavior<Command> onWithdraw(Withdraw withdraw) {
        awaited.remove(withdraw.sessionId());
        queue.remove(withdraw.sessionId());
        return this;
    }

    private Behavior<Command> onPull(Pull pull) {
        freeWorkers.add(pull.worker());
        return dispatch();
    }

    private Behavior<Command> onFinished(Finished finished) {
        List<Job> jobs = writing.remove(finished.worker());
        freeWorkers.add(finished.worker());
        if (jobs != null && finished.failure() == null) {
            failuresInARow = 0;
            timers.cancel(RestOver.class);
            counters.stored(jobs.stream().mapToInt(Job::messages).sum(), finished.took());
            jobs.stream().filter(this::isAwaited).forEach(this::acknowledge);
        } else if (jobs != null) {
            getContext()
                    .getLog()
                    .warn(
                            "flush of {} sessions failed, it will be tried again: {}",
                            jobs.size(),
                            Cause.of(finished.failure()));
            onFailed(jobs);
        }
        return dispatch();
    }

    private Behavior<Command> onRetryDue(RetryDue retry) {
        if (isAwaited(retry.job())) {
            queue.add(retry.job());
        }
        return dispatch();
    }

    private Behavior<Command> onWorkerEnded(Terminated ended) {
        ActorRef<FlushWorker.Command> worker = ended.getRef().unsafeUpcast();
        freeWorkers.remove(worker);
        List<Job> jobs = writing.remove(worker);
        startWorker();
        if (jobs != null) {
            onFailed(jobs);
        }
        return dispatch();
    }

    private void startWorker() {
        getContext()
                .watch(getContext()
                        .spawnAnonymous(FlushWorker.create(
                                store, storeExecutor, getContext().getSelf())));
    }

    private Behavior<Command> onPatienceOver() {
        if (failuresInARow == 0 && !queue.isEmpty() && !freeWorkers.isEmpty()) {
            giveWork(settings.maxBatchMessages());
        }
        return dispatch();
    }

    private Behavior<Command> dispatch() {
        if (failuresInARow > 0) {
            tryOne();
        } else {
            giveAll();
        }
        counters.update(queue, writing.size(), failuresInARow);
        return this;
    }

    private void giveAll() {
        while (!queue.isEmpty()
                && !freeWorkers.isEmpty()
                && (writing.isEmpty() || queue.isFull(settings.maxBatchMessages()))) {
            giveWork(settings.maxBatchMessages());
        }
        if (queue.isEmpty()) {
            timers.cancel(PatienceOver.class);
        } else if (!timers.isTimerActive(PatienceOver.class)) {
            timers.startSingleTimer(PatienceOver.class, new PatienceOver(), PATIENCE);
        }
    }

    /** The store has failed: a single flush, when nothing else is under way, shows whether it works again. */
    private void tryOne() {
        if (writing.isEmpty() && !timers.isTimerActive(RestOver.class) && !queue.isEmpty() && !freeWorkers.isEmpty()) {
            giveWork(1);
        }
    }

    private void giveWork(int maxMessages) {
        ActorRef<FlushWorker.Command> worker = freeWorkers.remove();
        List<Job> jobs = queue.take(maxMessages);
        writing.put(worker, jobs);
        worker.tell(new FlushWorker.Write(jobs));
    }

    private void acknowledge(Job job) {
        awaited.remove(job.sessionId());
        job.submit()
                .replyTo()
                .tell(new FlushStored(job.sessionId(), job.submit().flush().upToJournalSeq()));
    }

    private void onFailed(List<Job> jobs) {
        counters.failed();
        if (failuresInARow++ > 0) {
            timers.startSingleTimer(RestOver.class, new RestOver(), pauseAfter(failuresInARow - 1));
        }
        for (Job job : jobs) {
            Job failed = job.failedAmong(jobs.size());
            if (isAwaited(failed) && jobs.size() > 1) {
                queue.add(failed);
            } else if (isAwaited(failed)) {
                timers.startSingleTimer(failed.sessionId(), new RetryDue(failed), pauseAfter(failed.failures()));
            }
        }
    }

    private Duration pauseAfter(int failures) {
        return settings.retryPause(failures, ThreadLocalRandom.current().nextDouble());
    }

    /** Whether the session still waits for this flush, and not for none or a later one. */
    private boolean isAwaited(Job job) {
        Submit submit = awaited.get(job.sessionId());
        return submit != null
                && submit.replyTo().equals(job.submit().replyTo())
                && submit.flush().upToJournalSeq() == job.submit().flush().upToJournalSeq();
    }
}
