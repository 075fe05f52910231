package memfuse.actors.user;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import memfuse.protocol.directory.Session;
import org.jspecify.annotations.Nullable;

/** The sessions of a user by their ids, awake or not. Owned by the user's actor. */
final class UserSessions {
    private final Map<String, SessionSlot> byId = new HashMap<>();

    /** Takes in a session of the directory; nothing where it is known. */
    void add(Session session, Instant now) {
        byId.putIfAbsent(session.id(), new SessionSlot(session, now));
    }

    /** Forgets a session that is erased. */
    void remove(String sessionId) {
        byId.remove(sessionId);
    }

    /** The session as the world sees it: null from the moment its erasure begins. */
    @Nullable
    SessionSlot find(String sessionId) {
        SessionSlot slot = byId.get(sessionId);
        return slot == null || slot.erasure != null ? null : slot;
    }

    /** The session, being erased or not. */
    @Nullable
    SessionSlot findAny(String sessionId) {
        return byId.get(sessionId);
    }

    Collection<SessionSlot> all() {
        return byId.values();
    }

    Set<String> ids() {
        return Set.copyOf(byId.keySet());
    }

    /** Sessions that may have something unflushed, without those that are being erased. */
    List<SessionSlot> mayBeDirty() {
        return byId.values().stream()
                .filter(slot -> slot.erasure == null && slot.mayBeDirty())
                .toList();
    }

    /** Whether any session's actor is running. */
    boolean isAnyAwake() {
        return byId.values().stream().anyMatch(slot -> slot.actor != null);
    }

    /** Whether any session is the reason to keep the user: awake, dirty, or being erased. */
    boolean isAnyInUse() {
        return byId.values().stream().anyMatch(slot -> slot.mayBeDirty() || slot.erasure != null);
    }
}
