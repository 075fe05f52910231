package memfuse.protocol.memory;

import java.util.Optional;
import memfuse.protocol.CborSerializable;

/**
 * The id of a round, the messages of one POST.
 *
 * @param firstSeq the number of its first message
 */
public record RoundId(String sessionId, long firstSeq) implements CborSerializable {
    private static final int MAX_DIGITS = 18;

    /** The id that a text stands for; nothing where no round can have it. */
    public static Optional<RoundId> parse(String text) {
        int dash = text.lastIndexOf('-');
        String number = text.substring(dash + 1);
        return dash < 1 || !number.matches("[1-9][0-9]{0," + (MAX_DIGITS - 1) + "}")
                ? Optional.empty()
                : Optional.of(new RoundId(text.substring(0, dash), Long.parseLong(number)));
    }

    /** As it is shown: the session's id, and the number. */
    public String text() {
        return sessionId + "-" + firstSeq;
    }
}
