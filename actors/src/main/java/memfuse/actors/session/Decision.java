package memfuse.actors.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.ReadMessages;
import memfuse.protocol.session.SessionProtocol.Request;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/** What a session does about a request on messages: answer at once, or journal an event and answer then. */
sealed interface Decision {
    /** Nothing changes; this is the answer. */
    record Answer(Reply reply) implements Decision {}

    /**
     * The event has to be journaled before the request is answered.
     *
     * @param messageIds the ids that the answer names
     */
    record Journal(Event event, List<String> messageIds) implements Decision {}

    /** The ids in the request that may be those of stored messages. */
    static List<String> namedIds(Request request) {
        if (request instanceof AppendRound append) {
            return append.messages().stream()
                    .filter(NewMessage::callerId)
                    .map(NewMessage::id)
                    .toList();
        }
        if (request instanceof ReadMessages read) {
            return read.messageIds();
        }
        if (request instanceof UpdateMessages update) {
            return update.messageIds();
        }
        return request instanceof DeleteMessages delete ? delete.messageIds() : List.of();
    }

    /** How much a request may read of what it names. */
    static long maxBytes(Request request) {
        return request instanceof ReadMessages read && read.maxBytes() > 0 ? read.maxBytes() : Long.MAX_VALUE;
    }

    /**
     * Decides on a request.
     *
     * @param stored what the store has of what the request names, as the session sees it
     * @throws IllegalArgumentException for a request that is not about messages by id
     */
    static Decision on(Request request, SessionMemory memory, Named stored, SessionSettings settings) {
        if (request instanceof AppendRound append) {
            return onAppend(append, memory, stored, settings);
        }
        if (request instanceof ReadMessages read) {
            if (stored.tooManyBytes() > 0) {
                return new Answer(new AnswerTooLarge(stored.tooManyBytes()));
            }
            return onEach(
                    read.messageIds(),
                    memory,
                    stored.messages(),
                    messages -> new Answer(StoredMessages.within(maxBytes(read), messages)));
        }
        if (request instanceof UpdateMessages update) {
            return onEach(
                    update.messageIds(),
                    memory,
                    stored.messages(),
                    messages -> onUpdate(update, messages, memory, settings));
        }
        if (request instanceof DeleteMessages delete) {
            return onEach(
                    delete.messageIds(),
                    memory,
                    stored.messages(),
                    messages -> onDelete(delete, messages, memory, settings));
        }
        throw new IllegalArgumentException("not about messages by id: " + request);
    }

    private static Decision onAppend(AppendRound append, SessionMemory memory, Named stored, SessionSettings settings) {
        IdempotencyKey key = append.key();
        KeyedAnswer first = key == null ? null : firstAnswer(key, memory, stored);
        if (key != null && first != null) {
            return first.key().equals(key) ? new Answer(AppendAnswers.of(first)) : usedForOther(key);
        }
        List<String> ids = new ArrayList<>(append.messages().size());
        Map<String, Message> added = new LinkedHashMap<>();
        for (NewMessage message : append.messages()) {
            ids.add(message.id());
            Message inMemory = known(message.id(), memory, stored.messages());
            Message known = inMemory == null ? added.get(message.id()) : inMemory;
            if (known == null) {
                added.put(message.id(), message.at(memory.lastSeq() + added.size() + 1, append.appendedAt()));
            } else if (!known.repeats(message)) {
                return refuse(
                        ErrorCode.CONFLICT,
                        "message with ID '" + message.id() + "' is stored with other content",
                        "id");
            }
        }
        if (added.isEmpty()) {
            return new Answer(AppendAnswers.now(ids, false, memory));
        }
        List<Message> messages = List.copyOf(added.values());
        KeyedAnswer answer = key == null ? null : AppendAnswers.foretold(messages, key, ids, memory);
        return unlessOverloaded(
                messages.size(), messages, memory, settings, new Journal(new RoundAppended(messages, answer), ids));
    }

    private static @Nullable KeyedAnswer firstAnswer(IdempotencyKey key, SessionMemory memory, Named stored) {
        KeyedAnswer buffered = memory.answer(key.key());
        return buffered == null ? stored.answer() : buffered;
    }

    private static Decision usedForOther(IdempotencyKey key) {
        return refuse(
                ErrorCode.CONFLICT,
                "Idempotency-Key '" + key.key() + "' was used for other messages",
                "Idempotency-Key");
    }

    private static Decision onUpdate(
            UpdateMessages update, List<Message> messages, SessionMemory memory, SessionSettings settings) {
        if (messages.isEmpty()) {
            return new Answer(new MessagesChanged(List.of()));
        }
        Map<Long, Message> edited = new LinkedHashMap<>(); // of one message named twice, the last content counts
        for (int i = 0; i < messages.size(); i++) {
            Message message = messages.get(i);
            edited.put(message.seq(), message.edited(update.replacements().get(i), update.updatedAt()));
        }
        List<Message> changed = List.copyOf(edited.values());
        return unlessOverloaded(
                changed.size(),
                changed,
                memory,
                settings,
                new Journal(new MessagesUpdated(changed), update.messageIds()));
    }

    private static Decision onDelete(
            DeleteMessages delete, List<Message> messages, SessionMemory memory, SessionSettings settings) {
        if (messages.isEmpty()) {
            return new Answer(new MessagesChanged(List.of()));
        }
        List<Long> seqs = messages.stream().map(Message::seq).distinct().toList();
        return unlessOverloaded(
                1, List.of(), memory, settings, new Journal(new MessagesDeleted(seqs), delete.messageIds()));
    }

    /**
     * The decision, if what it adds keeps within the high-water marks. A clean session takes anything, so that nothing is
     * refused for ever.
     */
    private static Decision unlessOverloaded(
            int count, List<Message> messages, SessionMemory memory, SessionSettings settings, Decision decision) {
        if (memory.isClean()) {
            return decision;
        }
        if (memory.unflushed() + count > settings.highWaterMessages()) {
            return overloaded("highWaterMessages=" + settings.highWaterMessages() + ", unflushedMessages="
                    + memory.unflushed() + ", messages=" + count);
        }
        long bytes = messages.stream().mapToLong(Message::sizeBytes).sum();
        if (memory.unflushedBytes() + bytes > settings.highWaterBytes()) {
            return overloaded("highWaterBytes=" + settings.highWaterBytes() + ", unflushedBytes="
                    + memory.unflushedBytes() + ", bytes=" + bytes);
        }
        return decision;
    }

    private static Answer overloaded(String figures) {
        return new Answer(new Refused(ErrorCode.OVERLOADED, "insufficient capacity: " + figures, null));
    }

    private static Decision onEach(
            List<String> ids,
            SessionMemory memory,
            Map<String, Message> stored,
            Function<List<Message>, Decision> decide) {
        List<Message> messages = new ArrayList<>(ids.size());
        for (String id : ids) {
            Message known = known(id, memory, stored);
            if (known == null) {
                return refuse(ErrorCode.NOT_FOUND, "Message with ID '" + id + "' not found", "message_ids");
            }
            messages.add(known);
        }
        return decide.apply(messages);
    }

    private static @Nullable Message known(String id, SessionMemory memory, Map<String, Message> stored) {
        Message buffered = memory.buffered(id);
        return buffered == null ? stored.get(id) : buffered;
    }

    private static Answer refuse(ErrorCode code, String text, String field) {
        return new Answer(new Refused(code, text, field));
    }
}
