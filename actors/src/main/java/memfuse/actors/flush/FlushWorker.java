package memfuse.actors.flush;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.store.SessionFlush;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/**
 * A flush worker: pulls flushes from the coordinator and writes them, one transaction at a time, on the executor for
 * blocking work. A crash loses nothing: the coordinator gives its flushes to another worker.
 */
final class FlushWorker {
    sealed interface Command {}

    /** Flushes to write in one transaction. */
    record Write(List<FlushQueue.Job> jobs) implements Command {}

    private record Written(Duration took, @Nullable Throwable failure) implements Command {}

    private FlushWorker() {}

    static Behavior<Command> create(
            Consumer<List<SessionFlush>> store, Executor storeExecutor, ActorRef<FlushProtocol.Command> coordinator) {
        return Behaviors.setup(context -> {
            coordinator.tell(new FlushCoordinator.Pull(context.getSelf()));
            return Behaviors.receive(Command.class)
                    .onMessage(Write.class, write -> onWrite(context, store, storeExecutor, write.jobs()))
                    .onMessage(Written.class, written -> {
                        coordinator.tell(
                                new FlushCoordinator.Finished(context.getSelf(), written.took(), written.failure()));
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    private static Behavior<Command> onWrite(
            ActorContext<Command> context,
            Consumer<List<SessionFlush>> store,
            Executor storeExecutor,
            List<FlushQueue.Job> jobs) {
        List<SessionFlush> flushes =
                jobs.stream().map(job -> job.submit().flush()).toList();
        long startedNanos = System.nanoTime();
        context.pipeToSelf(
                CompletableFuture.runAsync(() -> store.accept(flushes), storeExecutor),
                (done, failure) -> new Written(Duration.ofNanos(System.nanoTime() - startedNanos), failure));
        return Behaviors.same();
    }
}
