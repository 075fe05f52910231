package memfuse.actors.session;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.Message;
import memfuse.protocol.store.LayerStore;

/**
 * What a session reads of M0: off the actor's thread, always up to a watermark, with the session's pending changes put
 * over it. What is above the watermark is in the buffers, so that together each message is there exactly once.
 */
final class StoredMessages {
    private final LayerStore store;
    private final Executor executor;
    private final String sessionId;

    /** @param executor for blocking work */
    StoredMessages(LayerStore store, Executor executor, String sessionId) {
        this.store = store;
        this.executor = executor;
        this.sessionId = sessionId;
    }

    /**
     * The messages with these ids as the session sees them at this moment, by id: buffered ones as well, which a flush may
     * carry away before the others are read.
     */
    CompletionStage<Map<String, Message>> find(Collection<String> ids, SessionMemory memory) {
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
        long watermark = memory.flushedSeq();
        PendingChanges changes = memory.changesOverStore();
        return CompletableFuture.supplyAsync(
                () -> {
                    changes.over(store.messages(sessionId, watermark, wanted))
                            .forEach(message -> found.put(message.id(), message));
                    return found;
                },
                executor);
    }

    /** A page of the whole history as the session sees it at this moment. */
    CompletionStage<List<Message>> history(HistoryRequest request, SessionMemory memory) {
        List<Message> buffered =
                memory.buffered().stream().map(BufferedMessage::message).toList();
        long watermark = memory.flushedSeq();
        if (request.bufferOnly() || watermark == 0) {
            return CompletableFuture.completedFuture(page(buffered.stream(), request));
        }
        PendingChanges changes = memory.changesOverStore();
        return CompletableFuture.supplyAsync(
                () -> {
                    List<Message> stored = store.history(sessionId, watermark, changes.deleted(), request);
                    return page(Stream.concat(changes.over(stored), buffered.stream()), request);
                },
                executor);
    }

    private static List<Message> page(Stream<Message> messages, HistoryRequest request) {
        return messages.sorted(request.order()).limit(request.limit()).toList();
    }
}
