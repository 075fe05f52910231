package memfuse.actors.flush;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.protocol.flush.FlushProtocol.Submit;

/**
 * Flushes that wait for a worker, in turn by user, so that a user with many sessions does not hold up the others.
 *
 * <p>Holds one flush a session, so it is bounded by the sessions that are awake. Not thread-safe.
 */
final class FlushQueue {
    /**
     * A flush that waits.
     *
     * @param together flushes that a transaction with this one may have at the most
     * @param failures how often it failed alone
     */
    record Job(Submit submit, int together, int failures) {
        /** One that has not been tried yet. */
        static Job of(Submit submit) {
            return new Job(submit, Integer.MAX_VALUE, 0);
        }

        String sessionId() {
            return submit.flush().sessionId();
        }

        String userId() {
            return submit.flush().userId();
        }

        int messages() {
            return submit.flush().size();
        }

        /**
         * It failed in a transaction of so many: the next one has half of that, so that the one at fault is found. A
         * failure alone says nothing of the others.
         */
        Job failedAmong(int flushes) {
            return flushes == 1 ? new Job(submit, together, failures + 1) : new Job(submit, flushes / 2, failures);
        }
    }

    private final LinkedHashMap<String, Deque<Job>> byUser = new LinkedHashMap<>();
    private final Map<String, Job> bySession = new HashMap<>();

    /** Of all flushes that wait. */
    private int messages;

    /** Adds a flush, in place of the one its session has waiting. */
    void add(Job job) {
        remove(job.sessionId());
        bySession.put(job.sessionId(), job);
        messages += job.messages();
        byUser.computeIfAbsent(job.userId(), user -> new ArrayDeque<>()).add(job);
    }

    /** Drops the session's flush where one waits. */
    void remove(String sessionId) {
        Job job = bySession.remove(sessionId);
        if (job != null) {
            messages -= job.messages();
            byUser.computeIfPresent(job.userId(), (user, jobs) -> {
                jobs.remove(job);
                return jobs.isEmpty() ? null : jobs;
            });
        }
    }

    /**
     * Takes the next flushes, one user after the other, until they have {@code maxMessages} or one of them may not go with
     * more; one at the least.
     */
    List<Job> take(int maxMessages) {
        List<Job> taken = new ArrayList<>();
        int takenMessages = 0;
        int together = Integer.MAX_VALUE;
        while (takenMessages < maxMessages && !byUser.isEmpty()) {
            Map.Entry<String, Deque<Job>> next = byUser.entrySet().iterator().next();
            together = Math.min(together, next.getValue().element().together());
            if (taken.size() >= together) {
                break;
            }
            Job job = takeFirst(next.getKey(), next.getValue());
            taken.add(job);
            takenMessages += job.messages();
        }
        return taken;
    }

    /** Takes the user's first flush and sends the user to the end of the line. */
    private Job takeFirst(String userId, Deque<Job> jobs) {
        Job job = jobs.remove();
        bySession.remove(job.sessionId());
        messages -= job.messages();
        byUser.remove(userId);
        if (!jobs.isEmpty()) {
            byUser.put(userId, jobs);
        }
        return job;
    }

    /** Whether the next {@link #take} would not give more if it were called later. */
    boolean isFull(int maxMessages) {
        return messages >= maxMessages
                || (!byUser.isEmpty()
                        && size() >= byUser.values().iterator().next().element().together());
    }

    boolean isEmpty() {
        return byUser.isEmpty();
    }

    /** Of all flushes that wait. */
    int messages() {
        return messages;
    }

    int size() {
        return bySession.size();
    }
}
