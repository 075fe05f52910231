package memfuse.cluster.http.transfer;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import memfuse.cluster.http.backend.AsyncDirectory;
import memfuse.cluster.http.backend.UserActors;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.ToSession;

/** Reads the messages of one user's sessions page by page, and again where that is refused for now. */
final class SessionPages {
    private static final int MAX_MESSAGES = 100;

    /** About what a page is; a message that is larger is one of its own. */
    private static final long MAX_BYTES = 128 << 10;

    private static final int TRIES = 15;
    private static final long PAUSE_MILLIS = 1_000;

    private final String userId;
    private final UserActors users;
    private final AsyncDirectory directory;
    private final Executor afterPause;

    /** @param afterPause goes on after a pause */
    SessionPages(String userId, UserActors users, AsyncDirectory directory, Executor afterPause) {
        this.userId = userId;
        this.users = users;
        this.directory = directory;
        this.afterPause = CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS, afterPause);
    }

    /** The messages behind a number; nothing where the session was erased. Fails with {@link BrokenOff}. */
    CompletableFuture<Optional<List<Message>>> after(String sessionId, long seq) {
        return read(sessionId, new PageBySeq(seq, MAX_MESSAGES, MAX_BYTES), TRIES);
    }

    private CompletableFuture<Optional<List<Message>>> read(String sessionId, PageBySeq page, int tries) {
        return users.reply(userId, replyTo -> new ToSession(sessionId, new ReadInOrder(page), replyTo))
                .exceptionally(failure -> new Refused(ErrorCode.UNAVAILABLE, "no answer in time", null))
                .thenCompose(reply -> {
                    if (reply instanceof MessagesRead read) {
                        return CompletableFuture.completedFuture(Optional.of(read.messages()));
                    }
                    String why = reply instanceof Refused refused ? refused.text() : "an answer to something else";
                    boolean again =
                            reply instanceof Refused refused && refused.code().retriable();
                    if (again && tries > 1) {
                        return CompletableFuture.supplyAsync(() -> tries - 1, afterPause)
                                .thenCompose(left -> read(sessionId, page, left));
                    }
                    return again ? CompletableFuture.failedFuture(new BrokenOff(why)) : goneIfErased(sessionId, why);
                });
    }

    private CompletableFuture<Optional<List<Message>>> goneIfErased(String sessionId, String why) {
        return directory.session(sessionId).thenApply(found -> {
            if (found.isPresent()) {
                throw new BrokenOff(why);
            }
            return Optional.empty();
        });
    }
}
