package memfuse.actors.extraction;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;

/** Counts what the extraction by a model has done and used up. Thread-safe. */
final class ExtractionCounters {
    final LongAdder requests = new LongAdder();

    /** Requests that were sent again. */
    final LongAdder retries = new LongAdder();

    /** Batches of messages that were given up. */
    final LongAdder failures = new LongAdder();

    final LongAdder inputTokens = new LongAdder();
    final LongAdder outputTokens = new LongAdder();
    final LongAdder facts = new LongAdder();

    /** Facts of an answer that are none: without evidence among the messages, or without content. */
    final LongAdder discarded = new LongAdder();

    ExtractionStats stats(double inputPrice, double outputPrice) {
        double cost = (inputTokens.sum() * inputPrice + outputTokens.sum() * outputPrice) / 1e6;
        return new ExtractionStats(
                requests.sum(),
                retries.sum(),
                failures.sum(),
                inputTokens.sum(),
                outputTokens.sum(),
                facts.sum(),
                discarded.sum(),
                cost);
    }

    /**
     * What was counted since the start.
     *
     * @param cost of all tokens, at the prices of the settings
     */
    record ExtractionStats(
            long requests,
            long retries,
            long failures,
            long inputTokens,
            long outputTokens,
            long facts,
            long discarded,
            double cost) {
        /** In one line. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d requests (%d repeated), %d batches given up, %d facts (%d more discarded),"
                            + " %d + %d tokens, cost %.4f",
                    requests,
                    retries,
                    failures,
                    facts,
                    discarded,
                    inputTokens,
                    outputTokens,
                    cost);
        }
    }
}
