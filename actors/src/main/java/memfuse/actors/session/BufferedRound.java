package memfuse.actors.session;

import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import org.jspecify.annotations.Nullable;

/**
 * A round, the messages of one POST, while it is buffered. Its messages may be replaced or removed; an emptied round
 * stays until it is flushed, because its journal event is still there.
 */
final class BufferedRound {
    private final long journalSeq;
    private final long firstSeq;
    private final long lastSeq;
    private final List<BufferedMessage> messages;
    private final @Nullable KeyedAnswer answer;
    private int tokens;
    private long sizeBytes;

    /**
     * @param journalSeq the journal sequence number of the event that appended it
     * @param messages at least one, in order
     * @param answer to the append, where it had a key
     */
    BufferedRound(long journalSeq, List<BufferedMessage> messages, @Nullable KeyedAnswer answer) {
        this.journalSeq = journalSeq;
        this.firstSeq = messages.get(0).message().seq();
        this.lastSeq = messages.get(messages.size() - 1).message().seq();
        this.messages = new ArrayList<>(messages);
        this.answer = answer;
        count();
    }

    long journalSeq() {
        return journalSeq;
    }

    /** The number of its first message, also when that was removed. */
    long firstSeq() {
        return firstSeq;
    }

    /** The number of its last message, also when that was removed. */
    long lastSeq() {
        return lastSeq;
    }

    /** What is left of its messages, in order. */
    List<BufferedMessage> messages() {
        return messages;
    }

    @Nullable
    KeyedAnswer answer() {
        return answer;
    }

    /** Tokens of the content of all messages. */
    int tokens() {
        return tokens;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    @Nullable
    BufferedMessage find(long seq) {
        for (BufferedMessage message : messages) {
            if (message.message().seq() == seq) {
                return message;
            }
        }
        return null;
    }

    /** Puts {@code replacement} in the place of the message with its number; nothing where that is not here. */
    void replace(BufferedMessage replacement) {
        messages.replaceAll(old -> old.message().seq() == replacement.message().seq() ? replacement : old);
        count();
    }

    void remove(long seq) {
        messages.removeIf(message -> message.message().seq() == seq);
        count();
    }

    private void count() {
        tokens = messages.stream().mapToInt(m -> m.message().tokens()).sum();
        sizeBytes = messages.stream().mapToLong(m -> m.message().sizeBytes()).sum();
    }
}
