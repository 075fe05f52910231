package memfuse.cluster.http.transfer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import memfuse.protocol.knowledge.SplitKnowledge.Piece;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.transfer.ImportSink;

/** The messages of one session of a file, gathered until there are enough for the store. */
final class SessionMessages {
    private static final int ENOUGH_MESSAGES = 500;
    private static final long ENOUGH_BYTES = 1 << 20;

    private final String sourceId;
    private final String sessionId;
    private final TextPieces pieces;
    private final List<Message> messages = new ArrayList<>();
    private final List<Long> lineNumbers = new ArrayList<>();
    private long bytes;
    private long lastSeq;

    /** @param sourceId the session's id in the file */
    SessionMessages(String sourceId, String sessionId, TextPieces pieces) {
        this.sourceId = sourceId;
        this.sessionId = sessionId;
        this.pieces = pieces;
    }

    String sourceId() {
        return sourceId;
    }

    /** The number of the last message, 0 before the first. */
    long lastSeq() {
        return lastSeq;
    }

    void add(long lineNumber, Message message) {
        messages.add(message);
        lineNumbers.add(lineNumber);
        bytes += message.sizeBytes();
        lastSeq = message.seq();
    }

    boolean isFull() {
        return messages.size() >= ENOUGH_MESSAGES || bytes >= ENOUGH_BYTES;
    }

    /** Hands over what is gathered. */
    void writeTo(ImportSink sink) {
        if (messages.isEmpty()) {
            return;
        }
        Optional<String> taken = sink.messages(
                List.copyOf(messages),
                messages.stream().flatMap(message -> units(message).stream()).toList());
        if (taken.isPresent()) {
            throw InvalidFile.at(lastLineOf(taken.get()), "id", "the session has a message of this id before");
        }
        messages.clear();
        lineNumbers.clear();
        bytes = 0;
    }

    private long lastLineOf(String messageId) {
        int place = messages.size() - 1;
        while (place > 0 && !messages.get(place).id().equals(messageId)) {
            place--;
        }
        return lineNumbers.get(place);
    }

    private List<MemoryUnit> units(Message message) {
        List<MemoryUnit> units = new ArrayList<>();
        for (Piece piece : pieces.of(message.content(), message.tokens())) {
            UnitKey key = new UnitKey(sessionId, message.seq(), units.size());
            units.add(new MemoryUnit(key, message, piece.text(), piece.tokens(), null));
        }
        return units;
    }
}
