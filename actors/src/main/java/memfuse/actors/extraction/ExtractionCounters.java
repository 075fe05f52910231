package memfuse.actors.extraction;

import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import memfuse.protocol.facts.ExtractionUsage;

/** Counts what the extraction by a model has done and used up. Thread-safe. */
final class ExtractionCounters {
    final LongAdder requests = new LongAdder();

    /** Requests that were sent again. */
    final LongAdder retries = new LongAdder();

    /** Batches of messages that were given up. */
    final LongAdder failures = new LongAdder();

    final LongAdder inputTokens = new LongAdder();
    final LongAdder outputTokens = new LongAdder();

    /** Facts of an answer that are none: without evidence among the messages, or without content. */
    final LongAdder discarded = new LongAdder();

    /** Prices are of a million tokens. */
    ExtractionUsage usage(double inputPrice, double outputPrice) {
        double cost = (inputTokens.sum() * inputPrice + outputTokens.sum() * outputPrice) / 1e6;
        return new ExtractionUsage(
                requests.sum(),
                retries.sum(),
                failures.sum(),
                inputTokens.sum(),
                outputTokens.sum(),
                discarded.sum(),
                cost);
    }

    /** In one line. */
    static String line(ExtractionUsage usage) {
        return String.format(
                Locale.ROOT,
                "%d requests (%d repeated), %d batches given up, %d facts discarded, %d + %d tokens, cost %.4f",
                usage.requests(),
                usage.retries(),
                usage.failures(),
                usage.discarded(),
                usage.inputTokens(),
                usage.outputTokens(),
                usage.cost());
    }
}
