package memfuse.actors.session;

import java.util.List;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.user.UserProtocol.Appended;

/**
 * What an append is told: the buffers and the watermarks as they are, or, in a session without buffers, as they are when
 * it is answered, which is when the layers have all that is journaled now.
 */
final class AppendAnswers {
    private static final BufferStatus NOTHING_BUFFERED = new BufferStatus(0, 0, 0, 0);

    private AppendAnswers() {}

    /** The answer to an append that is taken in. */
    static Appended now(List<String> messageIds, boolean transferTriggered, SessionMemory memory) {
        return new Appended(
                messageIds,
                transferTriggered,
                memory.totalMessages(),
                memory.isBuffered() ? memory.bufferStatus() : NOTHING_BUFFERED,
                memory.isBuffered() ? memory.watermarks() : memory.layers().watermarksOnceStored(memory.lastSeq()));
    }

    /** The answer to an append under a key, the first one or a repetition. */
    static Appended of(KeyedAnswer answer) {
        return new Appended(
                answer.messageIds(),
                answer.transferTriggered(),
                answer.totalMessages(),
                answer.bufferStatus(),
                answer.watermarks());
    }

    /**
     * The answer to an append as it will be when these messages are taken in.
     *
     * @param messageIds the ids of all messages of the request
     */
    static KeyedAnswer foretold(
            List<Message> added, IdempotencyKey key, List<String> messageIds, SessionMemory memory) {
        long total = memory.totalMessages() + added.size();
        if (!memory.isBuffered()) {
            long lastSeq = added.get(added.size() - 1).seq();
            return new KeyedAnswer(
                    key,
                    messageIds,
                    false,
                    total,
                    NOTHING_BUFFERED,
                    memory.layers().watermarksOnceStored(lastSeq));
        }
        SessionMemory.Foreseen after = memory.foresee(added);
        return new KeyedAnswer(
                key, messageIds, after.transferTriggered(), total, after.bufferStatus(), after.watermarks());
    }
}
