package memfuse.actors.layers;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.facts.FactBatch;

/**
 * Sessions with messages that no facts could be extracted from. What fails together is tried again in halves, so that a
 * message at fault is soon alone, and others of its session are not held up by it for long. Not thread-safe.
 */
final class TroubledSessions {
    /** Failures of one message alone before it is passed over. */
    static final int MAX_FAILURES = 3;

    /** With more sessions set aside, nothing is read until the next scan. */
    private static final int MAX_SET_ASIDE = 4096;

    private final Map<String, Trouble> bySession = new HashMap<>();
    private final Set<String> setAside = new HashSet<>();

    /** Whether extraction has gone well at all, so that a message that fails must be at fault itself. */
    private boolean anyDone;

    /**
     * @param together messages that are tried together
     * @param failures how often a single message failed
     */
    private record Trouble(int together, int failures) {}

    /** What is tried of a batch. */
    FactBatch bounded(FactBatch batch) {
        Trouble trouble = bySession.get(batch.sessionId());
        return trouble == null ? batch : batch.first(trouble.together());
    }

    /** Extraction went well; the next batch of the session may be larger. */
    void onDone(FactBatch batch) {
        anyDone = true;
        bySession.computeIfPresent(batch.sessionId(), (id, trouble) -> {
            int together = Math.max(trouble.together(), batch.messages().size()) * 2;
            return together > 256 ? null : new Trouble(together, 0);
        });
    }

    /** Extraction failed at these messages; true where it is one message that is to be passed over. */
    boolean onFailed(FactBatch batch) {
        if (batch.messages().size() > 1) {
            bySession.put(batch.sessionId(), new Trouble(batch.messages().size() / 2, 0));
            return false;
        }
        Trouble before = bySession.getOrDefault(batch.sessionId(), new Trouble(1, 0));
        int failures = before.failures() + 1;
        boolean passOver = failures >= MAX_FAILURES && anyDone;
        bySession.put(batch.sessionId(), new Trouble(1, passOver ? 0 : failures));
        if (!passOver) {
            setAside.add(batch.sessionId());
        }
        return passOver;
    }

    /** The session waits for the next scan. */
    void setAside(String sessionId) {
        setAside.add(sessionId);
    }

    void clearSetAside() {
        setAside.clear();
        if (bySession.size() > MAX_SET_ASIDE) {
            bySession.clear(); // it is found out anew
        }
    }

    boolean isFull() {
        return setAside.size() >= MAX_SET_ASIDE;
    }

    /** Sessions that are not tried now. */
    Set<String> waiting() {
        return new HashSet<>(setAside);
    }
}
