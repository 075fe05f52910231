package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;

/** Runs tasks at once on the common pool, or, while it is held, not before it is released; thread-safe. */
public final class HeldExecutor implements Executor {
    private final List<Runnable> held = new ArrayList<>();
    private boolean holding;

    @Override
    public synchronized void execute(Runnable task) {
        if (holding) {
            held.add(task);
        } else {
            ForkJoinPool.commonPool().execute(task);
        }
    }

    public synchronized void hold() {
        holding = true;
    }

    public synchronized void release() {
        holding = false;
        held.forEach(ForkJoinPool.commonPool()::execute);
        held.clear();
    }
}
