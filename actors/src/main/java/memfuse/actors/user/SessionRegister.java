package memfuse.actors.user;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import memfuse.protocol.directory.Directory;
import memfuse.protocol.directory.Directory.Updated;
import memfuse.protocol.directory.Session;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.Reloaded;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.SessionStored;
import org.jspecify.annotations.Nullable;

/**
 * Creates and renames a user's sessions, and takes up those that were imported, one after the other, so that what the
 * user's actor knows of a session is what the directory has. Owned by the user's actor.
 */
final class SessionRegister {
    private final String userId;
    private final UserSessions sessions;
    private final Directory directory;
    private final StoreWork storeWork;
    private final int maxInFlight;
    private final InstantSource clock;
    private final Runnable onReloaded;

    /** Requests under way: the first one is at the directory, the others wait for it. */
    private final Deque<Request> underWay = new ArrayDeque<>();

    /** @param onReloaded is called when there may be more in the store than was known */
    SessionRegister(
            String userId, UserServices services, UserSessions sessions, StoreWork storeWork, Runnable onReloaded) {
        this.userId = userId;
        this.onReloaded = onReloaded;
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

    void reload(Reload reload) {
        accept(reload);
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
        } else if (request instanceof Reload reload) {
            Set<String> known = sessions.ids();
            storeWork.run(
                    () -> directory.sessions(userId, null, null),
                    (found, failure) -> end(reload, onReload(known, found, failure)));
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

    /** A session that was known when the directory was asked may have been erased since, and is not taken up again. */
    private Reply onReload(Set<String> known, @Nullable List<Session> found, @Nullable Throwable failure) {
        if (found == null) {
            return Refusals.storeFailed(failure);
        }
        found.stream()
                .filter(session -> !known.contains(session.id()))
                .forEach(session -> sessions.add(session, clock.instant()));
        onReloaded.run();
        return new Reloaded();
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
