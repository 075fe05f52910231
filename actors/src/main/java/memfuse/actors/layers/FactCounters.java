package memfuse.actors.layers;

import java.util.concurrent.atomic.LongAdder;

/** What the extraction of facts (M2) has done on a node since its start. Safe for all threads. */
public final class FactCounters {
    private final LongAdder messages = new LongAdder();
    private final LongAdder facts = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder passedOver = new LongAdder();

    void stored(int extractedMessages, int foundFacts) {
        messages.add(extractedMessages);
        facts.add(foundFacts);
    }

    void failed() {
        failures.increment();
    }

    void passedOver(int givenUpMessages) {
        passedOver.add(givenUpMessages);
    }

    /** Messages that were extracted from, and whose facts, if any, are stored. */
    public long messages() {
        return messages.sum();
    }

    /** Facts that were stored; one that says again what was known counts again. */
    public long facts() {
        return facts.sum();
    }

    /** Extractions, and stores of what they found, that failed; they are tried again. */
    public long failures() {
        return failures.sum();
    }

    /** Messages that no facts could be extracted from. */
    public long passedOver() {
        return passedOver.sum();
    }
}
