package memfuse.actors.turns;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Lends the threads of one executor to users: each has a few of them at a time at the most, and waits in a line of its
 * own for more. What a user's line gives goes behind what others have given meanwhile, so users take turns.
 *
 * <p>A line is bounded by what its user may have in work. Safe for all threads.
 */
public final class UserTurns {
    private final Executor executor;
    private final int atATime;

    /** Lines of the users that have something to do; guarded by itself. */
    private final Map<String, Line> lines = new HashMap<>();

    private static final class Line {
        final Deque<Runnable> waiting = new ArrayDeque<>();
        int given;
    }

    /**
     * Lends {@code executor}, which takes what it is given in the order of arrival.
     *
     * @param atATime tasks of one user that the executor has at a time
     */
    public UserTurns(Executor executor, int atATime) {
        if (atATime < 1) {
            throw new IllegalArgumentException("atATime must be at least 1: " + atATime);
        }
        this.executor = executor;
        this.atATime = atATime;
    }

    /** The share of {@code threads} that one user may have: a third, and one at the least. */
    public static int shareOf(int threads) {
        return Math.max(1, threads / 3);
    }

    /** The executor as the user has it. */
    public Executor of(String userId) {
        return task -> execute(userId, task);
    }

    private void execute(String userId, Runnable task) {
        synchronized (lines) {
            Line line = lines.computeIfAbsent(userId, absent -> new Line());
            if (line.given >= atATime) {
                line.waiting.add(task);
                return;
            }
            line.given++;
        }
        give(userId, task);
    }

    private void give(String userId, Runnable task) {
        try {
            executor.execute(() -> {
                try {
                    task.run();
                } finally {
                    next(userId);
                }
            });
        } catch (RejectedExecutionException closed) {
            drop(userId);
            throw closed;
        }
    }

    /** A task of the user has ended. */
    private void next(String userId) {
        Runnable next;
        synchronized (lines) {
            Line line = lines.get(userId);
            if (line == null) {
                return;
            }
            next = line.waiting.poll();
            if (next == null && --line.given == 0) {
                lines.remove(userId);
            }
        }
        if (next != null) {
            give(userId, next);
        }
    }

    /** The executor has ended: nothing that waits will run. */
    private void drop(String userId) {
        synchronized (lines) {
            lines.remove(userId);
        }
    }

    /** Users that have something given or waiting. */
    int users() {
        synchronized (lines) {
            return lines.size();
        }
    }
}
