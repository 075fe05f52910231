package memfuse.protocol.facts;

import java.util.List;
import java.util.concurrent.CompletionStage;
import memfuse.protocol.memory.Message;

/** Finds facts in messages. Thread-safe; never blocks. */
public interface FactExtractor {
    /** Its name and version, kept with every fact it finds: {@code patterns/1}. */
    String name();

    /**
     * The facts that these messages of one session, in order, give evidence of; each fact's evidence is among them.
     *
     * @return completed on any thread; fails with {@link FactExtractionException}
     */
    CompletionStage<List<ExtractedFact>> extract(List<Message> messages);

    /** What it has asked of a model since the start. */
    default ExtractionUsage usage() {
        return ExtractionUsage.NONE;
    }
}
