package memfuse.actors.user;

import java.util.function.Consumer;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import org.jspecify.annotations.Nullable;

/**
 * Erasures of a user's sessions, and of the user: what is to go is hidden at once, and taken out of the layers, the index
 * and the caches when nobody writes for it any more. Owned by the user's actor.
 */
final class Erasures {
    private final String userId;
    private final LayerStore store;
    private final StoreWork storeWork;
    private final UserSessions sessions;
    private final SessionGate gate;
    private final UserQueries queries;
    private final Consumer<SessionSlot> onKept;
    private final Runnable onUserErased;

    /** The erasure of the user that is going on, or null. */
    private @Nullable EraseUser ofUser;

    /** Whether the store has erased the user. */
    private boolean userErased;

    /**
     * @param onKept hears of each session that the store could not erase
     * @param onUserErased is called when the user is no more
     */
    Erasures(
            String userId,
            LayerStore store,
            StoreWork storeWork,
            UserSessions sessions,
            SessionGate gate,
            UserQueries queries,
            Consumer<SessionSlot> onKept,
            Runnable onUserErased) {
        this.userId = userId;
        this.store = store;
        this.storeWork = storeWork;
        this.sessions = sessions;
        this.gate = gate;
        this.queries = queries;
        this.onKept = onKept;
        this.onUserErased = onUserErased;
    }

    /** Hides the session and stops its actor; {@link #onSessionEnded} goes on from there. */
    void beginSession(EraseSession erase) {
        SessionSlot slot = sessions.find(erase.sessionId());
        if (slot == null) {
            erase.replyTo().tell(Refusals.sessionNotFound(erase.sessionId()));
            return;
        }
        slot.erasure = erase;
        queries.index().touch();
        gate.close(slot, Refusals.sessionNotFound(slot.id()));
        if (slot.actor == null) {
            eraseSession(slot, erase);
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

    private void eraseSession(SessionSlot slot, EraseSession erase) {
        storeWork.run(() -> store.eraseSession(userId, slot.id()), failure -> {
            slot.erasure = null;
            if (failure == null) {
                sessions.remove(slot.id());
                queries.index().removeSession(slot.id());
                queries.forgetAsked();
                erase.replyTo().tell(new Erased(slot.id()));
            } else {
                queries.index().touch();
                onKept.accept(slot);
                erase.replyTo().tell(Refusals.storeFailed(failure));
            }
        });
    }

    /** The user is to go; {@link #eraseUserIfDue} follows when nothing is under way any more. */
    void beginUser(EraseUser erase) {
        ofUser = erase;
    }

    /** Whether the user is being erased, or is erased. */
    boolean isOfUser() {
        return ofUser != null;
    }

    /** Nothing is under way: takes the user out of the layers, if that is to be done. Tells whether it has begun. */
    boolean eraseUserIfDue() {
        EraseUser erase = ofUser;
        if (erase == null || userErased) {
            return false;
        }
        storeWork.run(() -> store.eraseUser(userId), failure -> {
            if (failure == null) {
                userErased = true;
                queries.forgetAsked();
                queries.index().discard();
                erase.replyTo().tell(new Erased(userId));
                onUserErased.run();
            } else {
                ofUser = null;
                sessions.all().forEach(onKept);
                erase.replyTo().tell(Refusals.storeFailed(failure));
            }
        });
        return true;
    }
}
