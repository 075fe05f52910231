package memfuse.cluster.http.context;

import java.time.Instant;
import memfuse.protocol.memory.Message;
import memfuse.protocol.user.Hit;

/**
 * One line of a prompt's context and where it comes from.
 *
 * @param id the message's or knowledge item's own id
 * @param source {@code history}, or the source that a query names
 * @param score that of the query; 1 for the history, which was not scored
 * @param line the text as it stands in the prompt
 * @param roundSeq of the history, the number of the first message of the round; 0 where there is none, or it is not known
 */
public record ContextItem(
        String id, String source, double score, String content, Instant createdAt, String line, long roundSeq) {
    static final String HISTORY = "history";

    /** A message of the session that goes on. */
    public static ContextItem of(Message message) {
        String speaker = message.name() == null ? message.role().wireName() : message.name();
        return new ContextItem(
                message.id(),
                HISTORY,
                1,
                message.content(),
                message.createdAt(),
                speaker + ": " + message.content() + "\n",
                message.roundSeq());
    }

    /** A memory that a query found; its line says since when it is known and, of a message, who said it. */
    public static ContextItem of(Hit hit) {
        String day = hit.createdAt().toString().substring(0, "2026-01-31".length());
        return new ContextItem(
                hit.id(),
                hit.layer().source(),
                hit.score(),
                hit.content(),
                hit.createdAt(),
                "- (" + day + speaker(hit) + ") " + hit.content() + "\n",
                0);
    }

    private static String speaker(Hit hit) {
        if (hit.name() != null) {
            return ", " + hit.name();
        }
        return hit.role() == null ? "" : ", " + hit.role().wireName();
    }

    boolean isOfTheRoundOf(ContextItem other) {
        return roundSeq != 0 && roundSeq == other.roundSeq;
    }

    public boolean isHistory() {
        return source.equals(HISTORY);
    }
}
