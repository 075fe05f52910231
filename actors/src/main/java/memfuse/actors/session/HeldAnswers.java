package memfuse.actors.session;

import java.util.ArrayDeque;
import java.util.Deque;

/** Answers that are held until the layers have what they speak of, oldest first. Not thread-safe. */
final class HeldAnswers {
    private record Held(long journalSeq, Runnable answer) {}

    private final Deque<Held> held = new ArrayDeque<>();

    /**
     * Holds an answer.
     *
     * @param journalSeq the last event that it waits for; not before that of the answer held last
     */
    void hold(long journalSeq, Runnable answer) {
        held.add(new Held(journalSeq, answer));
    }

    /** Gives the answers that wait for nothing beyond this event. */
    void release(long storedJournalSeq) {
        while (!held.isEmpty() && held.element().journalSeq() <= storedJournalSeq) {
            held.remove().answer().run();
        }
    }

    boolean isEmpty() {
        return held.isEmpty();
    }
}
