package memfuse.cluster.http;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import memfuse.cluster.http.backend.FlushedBuffers;
import memfuse.cluster.http.backend.UserGateway;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.NewMessage;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.ChunksListed;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.ReadUnflushedChanges;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.SessionStored;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * Users' actors that are none: every request is kept, and answered by the script or, where that is empty, as an actor
 * would that has nothing to refuse.
 */
final class ScriptedGateway implements UserGateway {
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);

    /** A request and the user it was for. */
    record Asked(String userId, Request request) {}

    final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

    /** What a flush comes to. */
    FlushedBuffers flushed = new FlushedBuffers(3, 0);

    private final Queue<CompletionStage<Reply>> script = new ConcurrentLinkedQueue<>();
    private final Directory directory;
    private final ActorRef<Reply> nobody;

    ScriptedGateway(Directory directory, ActorRef<Reply> nobody) {
        this.directory = directory;
        this.nobody = nobody;
    }

    /** The next request gets this answer, when it is completed. */
    void next(CompletionStage<Reply> answer) {
        script.add(answer);
    }

    void next(Reply answer) {
        next(CompletableFuture.completedFuture(answer));
    }

    void reset() {
        asked.clear();
        script.clear();
    }

    Request onlyRequest() {
        if (asked.size() != 1) {
            throw new AssertionError("expected one request, got " + asked);
        }
        return asked.element().request();
    }

    /** Waits until so many requests have come. */
    void awaitAsked(int requests) {
        long deadlineNanos = System.nanoTime() + MAX_WAIT.toNanos();
        while (asked.size() < requests) {
            if (System.nanoTime() > deadlineNanos) {
                throw new AssertionError("waited for " + requests + " requests, got " + asked);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public CompletionStage<Reply> ask(String userId, Function<ActorRef<Reply>, Request> toRequest) {
        Request request = toRequest.apply(nobody);
        asked.add(new Asked(userId, request));
        CompletionStage<Reply> scripted = script.poll();
        return scripted != null ? scripted : CompletableFuture.completedFuture(usual(userId, request));
    }

    @Override
    public CompletionStage<FlushedBuffers> flushAll() {
        return CompletableFuture.completedFuture(flushed);
    }

    private Reply usual(String userId, Request request) {
        if (request instanceof CreateSession create) {
            return directory.createSession(create.session())
                    ? new SessionStored(create.session())
                    : taken(create.session().name());
        }
        if (request instanceof RenameSession rename) {
            var renamed = directory.renameSession(rename.sessionId(), rename.name(), rename.updatedAt());
            return renamed.value() == null ? taken(rename.name()) : new SessionStored(renamed.value());
        }
        if (request instanceof EraseSession erase) {
            return new Erased(erase.sessionId());
        }
        if (request instanceof ToSession toSession) {
            return ofSession(toSession.request());
        }
        if (request instanceof EraseUser) {
            return new Erased(userId);
        }
        if (request instanceof FlushUser) {
            return new FlushCompleted(1);
        }
        if (request instanceof Reload) {
            return new Reloaded();
        }
        if (request instanceof Query) {
            return new Hits(List.of(), false, true);
        }
        if (request instanceof AddKnowledge add) {
            return new KnowledgeChanged(
                    add.items().stream().map(NewKnowledge::id).toList());
        }
        if (request instanceof UpdateKnowledge update) {
            return new KnowledgeChanged(
                    update.items().stream().map(NewKnowledge::id).toList());
        }
        if (request instanceof DeleteKnowledge delete) {
            return new KnowledgeChanged(delete.ids());
        }
        if (request instanceof ListKnowledge || request instanceof ReadKnowledge) {
            return new KnowledgeRead(List.of());
        }
        if (request instanceof ReadUnflushedChanges) {
            return new UnflushedChanges(Map.of());
        }
        if (request instanceof ListChunks) {
            return new ChunksListed(List.of(), 0);
        }
        throw new IllegalArgumentException("not scripted: " + request);
    }

    private static Reply ofSession(SessionProtocol.Request request) {
        if (request instanceof AppendRound append) {
            List<String> ids = append.messages().stream().map(NewMessage::id).toList();
            return new Appended(ids, true, 7, new BufferStatus(1, 20, 2, 3), new Watermarks(7, 5, 4, 3));
        }
        if (request instanceof UpdateMessages update) {
            return new MessagesChanged(update.messageIds());
        }
        if (request instanceof DeleteMessages delete) {
            return new MessagesChanged(delete.messageIds());
        }
        return new MessagesRead(List.of());
    }

    private static Refused taken(String name) {
        return new Refused(ErrorCode.DUPLICATE, "Session with name '" + name + "' already exists", "name");
    }
}
