package memfuse.actors.embedding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Texts that wait to be embedded, taken in turn by user, so that a user with many does not hold up the others.
 *
 * <p>A user may have as many waiting as places are left for others: one alone fills half of them, two a third each, and
 * who comes next always finds some. Not thread-safe.
 */
final class WaitingTexts {
    /**
     * A text on its way to its vector.
     *
     * @param askedIn the generation of the query vectors in which it was asked for
     */
    record Job(String userId, String text, int tokens, long askedIn, CompletableFuture<float[]> vector) {}

    private final int capacity;
    private final LinkedHashMap<String, Deque<Job>> byUser = new LinkedHashMap<>();
    private int size;

    /** @param capacity texts of all users together */
    WaitingTexts(int capacity) {
        this.capacity = capacity;
    }

    /** Adds a text, or returns false where its user has no place left. */
    boolean add(Job job) {
        Deque<Job> ofUser = byUser.get(job.userId());
        int own = ofUser == null ? 0 : ofUser.size();
        if (own >= capacity - size) {
            return false;
        }
        if (ofUser == null) {
            ofUser = new ArrayDeque<>();
            byUser.put(job.userId(), ofUser);
        }
        ofUser.add(job);
        size++;
        return true;
    }

    /** Takes the first text of the user whose turn it is; null where nothing waits. */
    @Nullable
    Job takeOne() {
        return byUser.isEmpty() ? null : takeFirst();
    }

    /** Takes texts of all users in turns, as many as the bounds allow, and one in any case. Something has to wait. */
    List<Job> takeBatch(EmbeddingQueueSettings bounds) {
        List<Job> batch = new ArrayList<>(bounds.maxBatchTexts());
        int tokens = 0;
        do {
            Job job = takeFirst();
            batch.add(job);
            tokens += job.tokens();
        } while (size > 0
                && batch.size() < bounds.maxBatchTexts()
                && tokens + first().tokens() <= bounds.maxBatchTokens());
        return batch;
    }

    /** Takes everything. */
    Collection<Job> takeAll() {
        List<Job> all = byUser.values().stream().flatMap(Deque::stream).toList();
        byUser.clear();
        size = 0;
        return all;
    }

    /** Whether so many more texts find a place, if they are of users who have few waiting; or as many as fill half. */
    boolean hasRoomFor(int texts) {
        return size + Math.max(1, Math.min(texts, capacity / 2)) <= capacity;
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    private Job first() {
        return byUser.values().iterator().next().element();
    }

    private Job takeFirst() {
        Map.Entry<String, Deque<Job>> first = byUser.entrySet().iterator().next();
        Job job = first.getValue().remove();
        size--;
        toTheEnd(first.getKey());
        return job;
    }

    /** Sends the user to the end of the line, or away where nothing of the user waits. */
    private void toTheEnd(String userId) {
        Deque<Job> ofUser = byUser.remove(userId);
        if (ofUser != null && !ofUser.isEmpty()) {
            byUser.put(userId, ofUser);
        }
    }
}
