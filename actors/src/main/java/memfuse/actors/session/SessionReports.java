package memfuse.actors.session;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import org.apache.pekko.actor.typed.ActorRef;
import org.jspecify.annotations.Nullable;

/** What one session tells its user's actor. Answers may be given from any thread, the rest says what a memory is now. */
final class SessionReports {
    private final String sessionId;
    private final ActorRef<? super SessionReport> user;

    SessionReports(String sessionId, ActorRef<? super SessionReport> user) {
        this.sessionId = sessionId;
        this.user = user;
    }

    /** Tells how far the session has come. */
    void state(SessionMemory memory) {
        changes(memory, List.of());
    }

    /** Tells changes of the index that nobody waits for. */
    void changes(SessionMemory memory, List<IndexChange> changes) {
        tell(memory, SessionReport.UNASKED, null, changes);
    }

    /** Answers a request, together with the changes of the index that it made. */
    void tell(SessionMemory memory, long ticket, @Nullable Reply reply, List<IndexChange> changes) {
        user.tell(new SessionReport(
                sessionId, ticket, reply, changes, new SessionReport.State(memory.watermarks(), memory.isClean())));
    }

    /** Tells all that is journaled and not stored, as changes of an index that holds what is stored. */
    void unstored(SessionMemory memory, long ticket) {
        PendingChanges changes = memory.changesOverStore();
        UnitsAdded added = new UnitsAdded(memory.unitsFrom(memory.layers().flushedSeq() + 1));
        MessagesReplaced replaced = new MessagesReplaced(changes.updated().stream()
                .flatMap(message -> message.units().stream())
                .toList());
        tell(memory, ticket, null, List.of(added, replaced, new MessagesRemoved(sessionId, changes.deleted())));
    }

    /** Tells which messages of M0 are changed or removed, and not yet in M0. */
    void unflushedChanges(SessionMemory memory, long ticket) {
        PendingChanges changes = memory.changesOverStore();
        List<Long> seqs = Stream.concat(
                        changes.updated().stream()
                                .map(message -> message.message().seq()),
                        changes.deleted().stream())
                .toList();
        answer(ticket, new UnflushedChanges(seqs.isEmpty() ? Map.of() : Map.of(sessionId, seqs)));
    }

    /** Answers a request and says nothing of the session. */
    void answer(long ticket, Reply reply) {
        user.tell(new SessionReport(sessionId, ticket, reply, List.of(), null));
    }

    /** Answers a request when its answer is there, or says that the store failed it. */
    void answerWhenDone(long ticket, CompletionStage<? extends Reply> reply) {
        reply.whenComplete((done, failure) -> {
            if (failure == null) {
                answer(ticket, done);
            } else {
                unavailable(ticket, failure);
            }
        });
    }

    /** Answers a request that the store failed. */
    void unavailable(long ticket, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        answer(ticket, new Refused(ErrorCode.UNAVAILABLE, "the store does not answer: " + cause.getMessage(), null));
    }
}
