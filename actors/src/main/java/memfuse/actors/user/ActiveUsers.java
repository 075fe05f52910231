package memfuse.actors.user;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import memfuse.protocol.user.UserProtocol;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * The users that are awake on this node: whoever has something for them, and only if they are awake, tells it here. A
 * user's actor enters itself at its start and leaves at its end. Thread-safe.
 */
public final class ActiveUsers {
    private final ConcurrentHashMap<String, ActorRef<UserProtocol.Command>> byId = new ConcurrentHashMap<>();

    void enter(String userId, ActorRef<UserProtocol.Command> user) {
        byId.put(userId, user);
    }

    void leave(String userId, ActorRef<UserProtocol.Command> user) {
        byId.remove(userId, user);
    }

    /** Tells the user's actor if it is awake, and says whether it is. */
    public boolean tell(String userId, UserProtocol.Command message) {
        ActorRef<UserProtocol.Command> user = byId.get(userId);
        if (user != null) {
            user.tell(message);
        }
        return user != null;
    }

    /** How many users are awake now. */
    public int count() {
        return byId.size();
    }

    /** All users that are awake now. */
    public List<ActorRef<UserProtocol.Command>> all() {
        return List.copyOf(byId.values());
    }
}
