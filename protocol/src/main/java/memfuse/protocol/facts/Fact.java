package memfuse.protocol.facts;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stored fact, as it stands among the user's others now.
 *
 * @param sessionId where it was said
 * @param subject whom or what it is about
 * @param predicate what is said of the subject, such as {@code lives in}
 * @param text the fact as a sentence
 * @param evidence the messages that say so, in order, all of that session
 * @param saidAt when the last of them was said
 * @param validFrom since when it holds
 * @param validTo until when it holds, exclusive; null where no end is known
 * @param supersededBy the id of the fact that took its place, or null where it is current
 * @param confidence 0 to 1
 * @param extractor name and version of what found it
 */
public record Fact(
        String id,
        String sessionId,
        String subject,
        String predicate,
        String object,
        String text,
        List<Evidence> evidence,
        Instant saidAt,
        Instant validFrom,
        @Nullable Instant validTo,
        @Nullable String supersededBy,
        double confidence,
        String extractor) {
    public Fact {
        evidence = List.copyOf(evidence);
    }

    /** A message that gives evidence, by its id and its number in the session. */
    public record Evidence(String messageId, long seq) {}
}
