package memfuse.protocol.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import memfuse.protocol.CborSerializable;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.memory.PageBySeq;
import org.jspecify.annotations.Nullable;

/** The protocol of a session, the single writer of one conversation. */
public final class SessionProtocol {
    private SessionProtocol() {}

    /** What the session's actor receives, from its user's actor and from itself; stays on one node. */
    public interface Command {}

    /**
     * A request with the number under which the user's actor awaits the answer.
     *
     * @param ticket unique among the requests of one user's actor
     */
    public record Handle(long ticket, Request request) implements Command {}

    /** What can be asked of a session. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = AppendRound.class, name = "append"),
        @JsonSubTypes.Type(value = ReadHistory.class, name = "history"),
        @JsonSubTypes.Type(value = ReadMessages.class, name = "read"),
        @JsonSubTypes.Type(value = ReadInOrder.class, name = "in_order"),
        @JsonSubTypes.Type(value = UpdateMessages.class, name = "update"),
        @JsonSubTypes.Type(value = DeleteMessages.class, name = "delete"),
        @JsonSubTypes.Type(value = FlushNow.class, name = "flush"),
        @JsonSubTypes.Type(value = AwaitLayer.class, name = "await"),
        @JsonSubTypes.Type(value = ReadWatermarks.class, name = "watermarks")
    })
    public sealed interface Request extends CborSerializable {}

    /**
     * Appends the messages of one POST as a round. Answered by {@code Appended} once the round is journaled.
     *
     * <p>Messages whose id is stored already with the same content are not stored again; with other content the whole
     * round is refused as a conflict.
     *
     * @param key under which the caller may repeat the append, or null
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record AppendRound(
            List<NewMessage> messages,
            Instant appendedAt,
            @Nullable IdempotencyKey key) implements Request {
        public AppendRound {
            messages = List.copyOf(messages);
        }

        /** An append without a key. */
        public AppendRound(List<NewMessage> messages, Instant appendedAt) {
            this(messages, appendedAt, null);
        }
    }

    /**
     * A caller's name for one append, the same whenever it is repeated.
     *
     * @param key the caller's own text, unique within the session
     * @param fingerprint of the messages as they were given; another one under the same key is a conflict
     */
    public record IdempotencyKey(String key, String fingerprint) implements CborSerializable {}

    /** The first answer to an append under a key, which every repetition is answered with. */
    public record KeyedAnswer(
            IdempotencyKey key,
            List<String> messageIds,
            boolean transferTriggered,
            long totalMessages,
            BufferStatus bufferStatus,
            Watermarks watermarks)
            implements CborSerializable {
        public KeyedAnswer {
            messageIds = List.copyOf(messageIds);
        }
    }

    /**
     * Reads a page of the history, each message exactly once. Answered by {@code MessagesRead}, or by
     * {@code AnswerTooLarge}.
     *
     * @param maxBytes how large the answer may be; 0: as large as it is
     */
    public record ReadHistory(HistoryRequest page, long maxBytes) implements Request {
        /** A page of any size. */
        public ReadHistory(HistoryRequest page) {
            this(page, 0);
        }
    }

    /**
     * Reads messages by id, in the order asked. Answered by {@code MessagesRead}, or by {@code AnswerTooLarge}; any id
     * missing is refused.
     *
     * @param maxBytes how large the answer may be; 0: as large as it is
     */
    public record ReadMessages(List<String> messageIds, long maxBytes) implements Request {
        public ReadMessages {
            messageIds = List.copyOf(messageIds);
        }

        /** Messages of any size. */
        public ReadMessages(List<String> messageIds) {
            this(messageIds, 0);
        }
    }

    /**
     * Reads a page of all messages in the order of their numbers. Answered by {@code MessagesRead}, without any where none
     * follow.
     */
    public record ReadInOrder(PageBySeq page) implements Request {}

    /** Replaces messages pairwise. Answered by {@code MessagesChanged}; any id missing is refused, nothing changed. */
    public record UpdateMessages(List<String> messageIds, List<NewMessage> replacements, Instant updatedAt)
            implements Request {
        public UpdateMessages {
            messageIds = List.copyOf(messageIds);
            replacements = List.copyOf(replacements);
            if (messageIds.size() != replacements.size()) {
                throw new IllegalArgumentException(
                        "unequal lengths: messageIds=" + messageIds.size() + ", replacements=" + replacements.size());
            }
        }
    }

    /** Removes messages. Answered by {@code MessagesChanged}; any id missing is refused, nothing removed. */
    public record DeleteMessages(List<String> messageIds) implements Request {
        public DeleteMessages {
            messageIds = List.copyOf(messageIds);
        }
    }

    /** Flushes everything buffered. Answered by {@code Flushed} when the store has it. */
    public record FlushNow() implements Request {}

    /** How full a session's buffers are. */
    public record BufferStatus(int roundBufferRounds, int roundBufferTokens, int hybridBufferRounds, int flushingRounds)
            implements CborSerializable {}

    /**
     * How far a session's messages have come, as message numbers.
     *
     * @param journaled the last number that is safe
     * @param transferred the last number beyond the round buffer
     * @param flushed the last number in M0
     * @param embedded the last number up to which M1 has all units with their embeddings, as far as the session knows:
     *     a lower bound, and exact in a {@code WatermarksRead}
     * @param extracted the last number up to which M2 has the facts, known as {@code embedded} is
     */
    public record Watermarks(long journaled, long transferred, long flushed, long embedded, long extracted)
            implements CborSerializable {
        /** Watermarks of a session of whose facts nothing is known. */
        public Watermarks(long journaled, long transferred, long flushed, long embedded) {
            this(journaled, transferred, flushed, embedded, 0);
        }
    }

    /** A persistent layer that one can wait for. */
    public enum Layer {
        /** The messages themselves. */
        M0,
        /** The units that are searched, with their embeddings. */
        M1
    }

    /**
     * Waits until a layer has all messages up to {@code seq}, and has them flushed at once. Answered by
     * {@code WatermarksRead}, when the layer has them or the time is over.
     */
    public record AwaitLayer(Layer layer, long seq, Duration timeout) implements Request {}

    /** Asks how far the session's messages have come. Answered by {@code WatermarksRead}. */
    public record ReadWatermarks() implements Request {}

    /** What the journal holds of a session. */
    public sealed interface Event extends CborSerializable {}

    /**
     * A round was appended; the messages carry consecutive numbers.
     *
     * @param answer what repetitions are answered with, or null where the append had no key
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record RoundAppended(
            List<Message> messages, @Nullable KeyedAnswer answer) implements Event {
        public RoundAppended {
            messages = List.copyOf(messages);
        }

        /** A round without a key. */
        public RoundAppended(List<Message> messages) {
            this(messages, null);
        }
    }

    /** Messages got new content; each is given whole, under its old number. */
    public record MessagesUpdated(List<Message> messages) implements Event {
        public MessagesUpdated {
            messages = List.copyOf(messages);
        }
    }

    /** The messages with these numbers were removed. */
    public record MessagesDeleted(List<Long> seqs) implements Event {
        public MessagesDeleted {
            seqs = List.copyOf(seqs);
        }
    }

    /**
     * All events up to this place are in the layers. The store writes it over the last of them, in the flush's own
     * transaction; the session itself never persists it.
     *
     * @param lastSeq the number of the last message covered, so that numbers are never used twice
     * @param messageCount messages the session has in M0
     */
    public record Flushed(long lastSeq, long messageCount) implements Event {}

    /** The session's id in the journal. */
    public static String persistenceId(String sessionId) {
        return "session|" + sessionId;
    }
}
