package memfuse.actors.user;

import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Request;
import org.jspecify.annotations.Nullable;

/**
 * Erasures of a user's sessions, and of the user: what is to go is hidden at once, and taken out of the layers, the index
 * and the caches when nobody writes for it any more. Whoever asks for the same meanwhile is answered with it.
 *
 * <p>What the store reports as failed may be done all the same. So the directory is asked whether it is there, again and
 * again until it answers; until then it stays hidden. Owned by the user's actor.
 */
final class Erasures {
    /** Before the directory is asked again. */
    static final Duration DOUBT = Duration.ofSeconds(1);

    private final String userId;
    private final UserServices services;
    private final StoreWork storeWork;
    private final UserSessions sessions;
    private final SessionGate gate;
    private final UserQueries queries;
    private final BiConsumer<Duration, Runnable> later;
    private final Consumer<SessionSlot> onKept;
    private final Runnable onUserErased;

    /** The erasure of the user that is going on or has succeeded, or null. */
    private @Nullable ErasureUnderWay ofUser;

    /** Whether the store was asked to erase the user. */
    private boolean userBegun;

    private boolean userErased;

    /**
     * @param later does something on the actor after a time
     * @param onKept hears of each session that the store could not erase
     * @param onUserErased is called when the user is no more
     */
    Erasures(
            String userId,
            UserServices services,
            StoreWork storeWork,
            UserSessions sessions,
            SessionGate gate,
            UserQueries queries,
            BiConsumer<Duration, Runnable> later,
            Consumer<SessionSlot> onKept,
            Runnable onUserErased) {
        this.userId = userId;
        this.services = services;
        this.storeWork = storeWork;
        this.sessions = sessions;
        this.gate = gate;
        this.queries = queries;
        this.later = later;
        this.onKept = onKept;
        this.onUserErased = onUserErased;
    }

    private ErasureUnderWay begin(Request first) {
        ErasureUnderWay erasure =
                new ErasureUnderWay(userId, services.settings().maxInFlight());
        erasure.join(first);
        return erasure;
    }

    /** Hides the session and stops its actor; {@link #onSessionEnded} goes on from there. */
    void beginSession(EraseSession erase) {
        SessionSlot slot = sessions.findAny(erase.sessionId());
        if (slot == null) {
            erase.replyTo().tell(Refusals.sessionNotFound(erase.sessionId()));
            return;
        }
        if (slot.erasure != null) {
            slot.erasure.join(erase);
            return;
        }
        slot.erasure = begin(erase);
        queries.index().touch();
        gate.close(slot, Refusals.sessionNotFound(slot.id()));
        if (slot.actor == null) {
            eraseSession(slot, slot.erasure);
        }
    }

    /** The actor of a session has ended. Tells whether the session is being erased, and that goes on then. */
    boolean onSessionEnded(SessionSlot slot) {
        if (slot.erasure == null) {
            return false;
        }
        eraseSession(slot, slot.erasure);
        return true;
    }

    private void eraseSession(SessionSlot slot, ErasureUnderWay erasure) {
        Runnable onGone = () -> {
            slot.erasure = null;
            sessions.remove(slot.id());
            queries.index().removeSession(slot.id());
            queries.forgetAsked();
            erasure.succeed();
        };
        Runnable onThere = () -> {
            slot.erasure = null;
            queries.index().touch();
            onKept.accept(slot);
        };
        erase(
                erasure,
                () -> services.store().eraseSession(userId, slot.id()),
                () -> services.directory().session(slot.id()).isPresent(),
                onGone,
                onThere);
    }

    /** The user is to go; {@link #eraseUserIfDue} follows when nothing is under way any more. */
    void beginUser(EraseUser erase) {
        ofUser = begin(erase);
    }

    /** Whether the user is being erased, or is erased. */
    boolean isOfUser() {
        return ofUser != null;
    }

    /** Whether the request is part of the erasure of the user that is going on; it is answered with that then. */
    boolean joinsUser(Request request) {
        if (ofUser == null || userErased) {
            return false;
        }
        boolean part = request instanceof EraseUser
                || (request instanceof EraseSession erase && sessions.findAny(erase.sessionId()) != null);
        if (part) {
            ofUser.join(request);
        }
        return part;
    }

    /** Nothing is under way: takes the user out of the layers, if that is to be done. Tells whether it has begun. */
    boolean eraseUserIfDue() {
        ErasureUnderWay erasure = ofUser;
        if (erasure == null || userBegun) {
            return false;
        }
        userBegun = true;
        Runnable onGone = () -> {
            userErased = true;
            queries.forgetAsked();
            queries.index().discard();
            erasure.succeed();
            onUserErased.run();
        };
        Runnable onThere = () -> {
            ofUser = null;
            userBegun = false;
            sessions.all().forEach(onKept);
        };
        erase(
                erasure,
                () -> services.store().eraseUser(userId),
                () -> services.directory().find(EntityKind.USER, userId).isPresent(),
                onGone,
                onThere);
        return true;
    }

    private void erase(
            ErasureUnderWay erasure, Runnable work, Supplier<Boolean> isThere, Runnable onGone, Runnable onThere) {
        storeWork.run(work, failure -> {
            if (failure == null) {
                onGone.run();
            } else {
                settle(erasure, failure, isThere, onGone, onThere);
            }
        });
    }

    private void settle(
            ErasureUnderWay erasure, Throwable failure, Supplier<Boolean> isThere, Runnable onGone, Runnable onThere) {
        storeWork.run(isThere, (there, unknown) -> {
            if (there == null) {
                erasure.refuse(Refusals.storeFailed(failure));
                later.accept(DOUBT, () -> settle(erasure, failure, isThere, onGone, onThere));
            } else if (there) {
                onThere.run();
                erasure.refuse(Refusals.storeFailed(failure));
            } else {
                onGone.run();
            }
        });
    }
}
