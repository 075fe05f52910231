package memfuse.actors.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol.AnswerTooLarge;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/**
 * What a session reads of M0: off the actor's thread, always up to a watermark, with the session's pending changes put
 * over it. What is above the watermark is in the buffers, so that together each message is there exactly once.
 */
final class StoredMessages {
    private final LayerStore store;
    private final FactLayer facts;
    private final Executor executor;
    private final String userId;
    private final String sessionId;

    /**
     * What was found of what a request names.
     *
     * @param messages by id
     * @param answer the first answer under the request's idempotency key, or null
     * @param tooManyBytes what the messages would have where that is more than was to be read; otherwise 0
     */
    record Named(Map<String, Message> messages, @Nullable KeyedAnswer answer, long tooManyBytes) {
        static final Named NOTHING = new Named(Map.of(), null);

        Named(Map<String, Message> messages, @Nullable KeyedAnswer answer) {
            this(messages, answer, 0);
        }
    }

    /**
     * What the layers behind M0 have not come to yet.
     *
     * @param firstPending the first message with a unit that waits for an embedding
     * @param firstWithoutFacts the first message that waits for its facts
     */
    record Behind(OptionalLong firstPending, OptionalLong firstWithoutFacts) {}

    /** @param executor for blocking work */
    StoredMessages(LayerStore store, FactLayer facts, Executor executor, String userId, String sessionId) {
        this.store = store;
        this.facts = facts;
        this.executor = executor;
        this.userId = userId;
        this.sessionId = sessionId;
    }

    /**
     * What a request names, as the session sees it at this moment: buffered messages and answers as well, which a flush may
     * carry away before the others are read.
     *
     * @param key the idempotency key of the request, or null
     * @param maxBytes of stored messages that may be read
     */
    CompletionStage<Named> find(
            Collection<String> ids, @Nullable IdempotencyKey key, SessionMemory memory, long maxBytes) {
        Map<String, Message> found = new HashMap<>();
        List<String> wanted = new ArrayList<>();
        for (String id : ids) {
            Message buffered = memory.buffered(id);
            if (buffered == null) {
                wanted.add(id);
            } else {
                found.put(id, buffered);
            }
        }
        long watermark = memory.layers().flushedSeq();
        PendingChanges changes = memory.changesOverStore();
        KeyedAnswer buffered = key == null ? null : memory.answer(key.key());
        return CompletableFuture.supplyAsync(
                () -> {
                    Bounded<Message> stored = store.messages(sessionId, watermark, wanted, maxBytes);
                    if (stored.bytes() > maxBytes) {
                        return new Named(Map.of(), null, stored.bytes() + answerBytes(found.values()));
                    }
                    changes.over(stored.elements()).forEach(message -> found.put(message.id(), message));
                    KeyedAnswer answer = key == null || buffered != null
                            ? buffered
                            : store.answer(sessionId, key.key()).orElse(null);
                    return new Named(found, answer);
                },
                executor);
    }

    /** A page of the whole history as the session sees it at this moment, if it is not too large. */
    CompletionStage<Reply> history(ReadHistory read, SessionMemory memory) {
        HistoryRequest request = read.page();
        long maxBytes = read.maxBytes() == 0 ? Long.MAX_VALUE : read.maxBytes();
        List<Message> buffered =
                memory.buffered().stream().map(BufferedMessage::message).toList();
        long watermark = memory.layers().flushedSeq();
        if (request.bufferOnly() || watermark == 0) {
            return CompletableFuture.completedFuture(within(maxBytes, page(buffered.stream(), request)));
        }
        PendingChanges changes = memory.changesOverStore();
        return CompletableFuture.supplyAsync(
                () -> {
                    Bounded<Message> stored = store.history(sessionId, watermark, changes.deleted(), request, maxBytes);
                    return stored.bytes() > maxBytes
                            ? new AnswerTooLarge(stored.bytes() + answerBytes(buffered))
                            : within(
                                    maxBytes,
                                    page(Stream.concat(changes.over(stored.elements()), buffered.stream()), request));
                },
                executor);
    }

    /**
     * The next messages in their order, as the session sees them at this moment. What is buffered comes when nothing that
     * is stored is left, so that no page leaves anything out.
     */
    CompletionStage<List<Message>> inOrder(PageBySeq page, SessionMemory memory) {
        List<Message> buffered = page.of(memory.buffered().stream().map(BufferedMessage::message));
        long watermark = memory.layers().flushedSeq();
        if (watermark <= page.afterSeq()) {
            return CompletableFuture.completedFuture(buffered);
        }
        PendingChanges changes = memory.changesOverStore();
        return CompletableFuture.supplyAsync(
                () -> {
                    List<Message> stored = store.inOrder(sessionId, watermark, changes.deleted(), page);
                    return stored.isEmpty() ? buffered : changes.over(stored).toList();
                },
                executor);
    }

    /** How far M1 and M2 are behind M0. */
    CompletionStage<Behind> behind() {
        return CompletableFuture.supplyAsync(
                () -> new Behind(store.firstPending(userId, sessionId), facts.firstWaiting(sessionId)), executor);
    }

    /** The messages as an answer, if they are not too large for it. */
    static Reply within(long maxBytes, List<Message> messages) {
        long bytes = maxBytes == Long.MAX_VALUE ? 0 : answerBytes(messages);
        return bytes > maxBytes ? new AnswerTooLarge(bytes) : new MessagesRead(messages);
    }

    private static long answerBytes(Collection<Message> messages) {
        return messages.stream().mapToLong(Message::answerBytes).sum();
    }

    private static List<Message> page(Stream<Message> messages, HistoryRequest request) {
        return messages.sorted(request.order()).limit(request.limit()).toList();
    }
}
