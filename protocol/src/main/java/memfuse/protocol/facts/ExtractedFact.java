package memfuse.protocol.facts;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A fact as an extractor finds it in messages of one session.
 *
 * @param subject whom or what it is about
 * @param predicate what is said of the subject
 * @param text the fact as a sentence
 * @param slot of what the subject has one at a time: of facts with one subject and one slot, the newest said holds. The
 *     predicate where it has one object only ({@code lives in}); otherwise the predicate with what tells its facts apart
 * @param evidence numbers of the messages that say so, at least one
 * @param validFrom since when it holds; null: since it was said
 * @param validTo until when it holds, exclusive; null where no end is known
 * @param confidence 0 to 1
 */
public record ExtractedFact(
        String subject,
        String predicate,
        String object,
        String text,
        String slot,
        List<Long> evidence,
        @Nullable Instant validFrom,
        @Nullable Instant validTo,
        double confidence) {
    /** Characters of each text at the most. */
    public static final int MAX_TEXT_LENGTH = 2_000;

    private static final String SEPARATOR = "\u001f";

    public ExtractedFact {
        for (String part : List.of(subject, predicate, object, text, slot)) {
            if (part.isBlank() || part.length() > MAX_TEXT_LENGTH) {
                throw new IllegalArgumentException(
                        "a fact's texts have 1 to " + MAX_TEXT_LENGTH + " characters: length=" + part.length());
            }
        }
        evidence = evidence.stream().distinct().sorted().toList();
        if (evidence.isEmpty()) {
            throw new IllegalArgumentException("a fact needs evidence");
        }
        if (!(confidence >= 0 && confidence <= 1)) {
            throw new IllegalArgumentException("confidence must be 0 to 1: confidence=" + confidence);
        }
        if (validFrom != null && validTo != null && !validTo.isAfter(validFrom)) {
            throw new IllegalArgumentException("validTo must be after validFrom: " + validFrom + ", " + validTo);
        }
    }

    /** The fact's id in its session: the same whenever the same is found in the same messages. */
    public String idIn(String sessionId) {
        String numbers = evidence.stream().map(String::valueOf).collect(Collectors.joining(","));
        return digest(sessionId, numbers, subject, predicate, object, slot);
    }

    /** What is equal for the facts of one user that take each other's place. */
    public String slotKey() {
        return digest(subject.toLowerCase(Locale.ROOT), slot.toLowerCase(Locale.ROOT));
    }

    private static String digest(String... parts) {
        byte[] bytes = String.join(SEPARATOR, parts).getBytes(StandardCharsets.UTF_8);
        return UUID.nameUUIDFromBytes(bytes).toString();
    }
}
