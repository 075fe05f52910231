package memfuse.actors.embedding;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Texts that wait to be embedded, taken in turn by user, so that a user with many does not hold up the others.
 *
 * <p>A user may have as many waiting as places are left for others: one alone fills half of them, two a third each, and
 * who comes next always finds some. Not thread-safe.
 */
final class WaitingTexts {
    /** How far behind the first text a batch looks for others of similar length. */
    private static final int LOOK_AHEAD = 64;

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

    /**
     * Takes the first text of the user whose turn it is, so that nothing waits forever, with others that are about as
     * long: of all users in turns. Something has to wait.
     */
    List<Job> takeBatch(EmbeddingQueueSettings bounds) {
        Job head = takeFirst();
        List<Job> batch = new ArrayList<>(bounds.maxBatchTexts());
        batch.add(head);
        int width = head.tokens();
        Set<String> taken = new LinkedHashSet<>();
        Deque<Iterator<Job>> turns = new ArrayDeque<>();
        for (Deque<Job> ofUser : byUser.values()) {
            turns.add(ofUser.iterator());
            if (turns.size() == LOOK_AHEAD) {
                break;
            }
        }
        for (int looked = 0; looked < LOOK_AHEAD && !turns.isEmpty(); looked++) {
            if (width >= bounds.aloneFromTokens() || batch.size() == bounds.maxBatchTexts()) {
                break;
            }
            Iterator<Job> ofUser = turns.remove();
            Job next = ofUser.next();
            int padded = Math.max(width, next.tokens()) * (batch.size() + 1);
            if (padded <= bounds.maxBatchTokens() && similar(head.tokens(), next.tokens(), bounds)) {
                batch.add(next);
                ofUser.remove();
                size--;
                taken.add(next.userId());
                width = Math.max(width, next.tokens());
            }
            if (ofUser.hasNext()) {
                turns.add(ofUser);
            }
        }
        taken.forEach(this::toTheEnd);
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

    private static boolean similar(int tokens, int others, EmbeddingQueueSettings bounds) {
        return others < bounds.aloneFromTokens() && Math.abs(tokens - others) <= 6 + Math.min(tokens, others) / 2;
    }
}
