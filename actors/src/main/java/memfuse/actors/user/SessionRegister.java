package memfuse.actors.user;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Directory.Updated;
import memfuse.protocol.directory.Session;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.SessionStored;
import org.jspecify.annotations.Nullable;

/**
 * Creates and renames a user's sessions, one after the other, so that what the user's actor knows of a session is what
 * the directory has. Owned by the user's actor.
 */
final class SessionRegister {
    private final UserSessions sessions;
    private final Directory directory;
    private final StoreWork storeWork;
    private final int maxInFlight;
    private final InstantSource clock;

    /** Requests under way: the first one is at the directory, the others wait for it. */
    private final Deque<Request> underWay = new ArrayDeque<>();

    SessionRegister(UserServices services, UserSessions sessions, StoreWork storeWork) {
        this.sessions = sessions;
        this.directory = services.directory();
        this.storeWork = storeWork;
        this.maxInFlight = services.settings().maxInFlight();
        this.clock = services.clock();
    }

    void create(CreateSession create) {
        accept(create);
    }

    void rename(RenameSession rename) {
        if (sessions.find(rename.sessionId()) == null) {
            rename.replyTo().tell(Refusals.sessionNotFound(rename.sessionId()));
        } else {
            accept(rename);
        }
    }

    private void accept(Request request) {
        if (underWay.size() >= maxInFlight) {
            request.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + maxInFlight));
            return;
        }
        underWay.add(request);
        if (underWay.size() == 1) {
            begin(request);
        }
    }

    /** Refuses what has not begun. */
    void refuseWaiting(Refused refusal) {
        while (underWay.size() > 1) {
            underWay.removeLast().replyTo().tell(refusal);
        }
    }

    private void begin(Request request) {
        if (request instanceof CreateSession create) {
            storeWork.run(
                    () -> directory.createSession(create.session()),
                    (created, failure) -> end(create, onCreated(create.session(), created, failure)));
        } else if (request instanceof RenameSession rename) {
            storeWork.run(
                    () -> directory.renameSession(rename.sessionId(), rename.name(), rename.updatedAt()),
                    (renamed, failure) -> end(rename, onRenamed(rename, renamed, failure)));
        }
    }

    private void end(Request request, Reply reply) {
        request.replyTo().tell(reply);
        underWay.remove();
        Request next = underWay.peek();
        if (next != null) {
            begin(next);
        }
    }

    private Reply onCreated(Session session, @Nullable Boolean created, @Nullable Throwable failure) {
        if (created == null) {
            return Refusals.storeFailed(failure);
        }
        if (!created) {
            return Refusals.sessionNameTaken(session.name());
        }
        sessions.add(session, clock.instant());
        return new SessionStored(session);
    }

    private Reply onRenamed(RenameSession rename, @Nullable Updated<Session> renamed, @Nullable Throwable failure) {
        if (renamed == null) {
            return Refusals.storeFailed(failure);
        }
        return switch (renamed.outcome()) {
            case DONE -> new SessionStored(renew(renamed.value()));
            case NOT_FOUND -> Refusals.sessionNotFound(rename.sessionId());
            case NAME_TAKEN -> Refusals.sessionNameTaken(rename.name());
        };
    }

    private Session renew(@Nullable Session renamed) {
        if (renamed == null) {
            throw new IllegalStateException("a session was renamed and is not given");
        }
        SessionSlot slot = sessions.findAny(renamed.id());
        if (slot != null) {
            slot.session = renamed;
        }
        return renamed;
    }
}
