package memfuse.actors.user;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import memfuse.protocol.user.UserProtocol;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What the indexes of a node's users take on the heap. When it is more than the node has for them, those used least
 * recently are asked to give theirs up; who is busy keeps it, and the next one is asked. Thread-safe.
 *
 * <p>Bytes are what indexes say of themselves, when they are used and now and then between; so the bound is kept about,
 * not to the byte.
 */
public final class IndexBudget {
    private final long maxBytes;

    /** By user, the least recently used first. Guarded by this, as all that follows. */
    private final LinkedHashMap<String, Holding> holdings = new LinkedHashMap<>();

    private long bytes;
    private long released;

    /** @param asked whether the user was asked to give up the index and has not answered */
    private record Holding(ActorRef<UserProtocol.Command> user, long bytes, boolean asked) {}

    /** @param maxBytes of all indexes together, at least 1 */
    public IndexBudget(long maxBytes) {
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes must be at least 1: " + maxBytes);
        }
        this.maxBytes = maxBytes;
    }

    /**
     * The user's index is searched, or being loaded, or needed where it was asked for, and takes so much. Others may be
     * asked to give theirs up.
     */
    void used(String userId, ActorRef<UserProtocol.Command> user, long indexBytes) {
        List<ActorRef<UserProtocol.Command>> asked;
        synchronized (this) {
            putLast(userId, new Holding(user, indexBytes, false));
            asked = bytes > maxBytes ? ask(userId) : List.of();
        }
        asked.forEach(other -> other.tell(new UserActor.ReleaseIndex()));
    }

    /** The user's index takes so much now, if it has not been given up; it was not used. */
    void measured(String userId, ActorRef<UserProtocol.Command> user, long indexBytes) {
        List<ActorRef<UserProtocol.Command>> asked = List.of();
        synchronized (this) {
            Holding holding = holdings.get(userId);
            if (holding != null && holding.user().equals(user)) {
                bytes += indexBytes - holding.bytes();
                holdings.put(userId, new Holding(user, indexBytes, holding.asked())); // stays in its place
                asked = bytes > maxBytes ? ask(userId) : asked;
            }
        }
        asked.forEach(other -> other.tell(new UserActor.ReleaseIndex()));
    }

    /** Chooses those whose indexes take what is too much, the least recently used first, and never this user. */
    private List<ActorRef<UserProtocol.Command>> ask(String except) {
        List<ActorRef<UserProtocol.Command>> asked = new ArrayList<>();
        long left = bytes;
        for (Map.Entry<String, Holding> each : holdings.entrySet()) {
            Holding holding = each.getValue();
            if (left > maxBytes && !each.getKey().equals(except)) {
                left -= holding.bytes();
                if (!holding.asked()) {
                    each.setValue(new Holding(holding.user(), holding.bytes(), true));
                    asked.add(holding.user());
                }
            }
        }
        return asked;
    }

    /** The user has given up the index. */
    synchronized void released(String userId, ActorRef<UserProtocol.Command> user) {
        released += left(userId, user) ? 1 : 0;
    }

    /** The user has no index any more; whether it had one. */
    synchronized boolean left(String userId, ActorRef<UserProtocol.Command> user) {
        Holding holding = holdings.get(userId);
        if (holding == null || !holding.user().equals(user)) {
            return false;
        }
        bytes -= holding.bytes();
        holdings.remove(userId);
        return true;
    }

    private void putLast(String userId, Holding holding) {
        Holding before = holdings.remove(userId);
        bytes += holding.bytes() - (before == null ? 0 : before.bytes());
        holdings.put(userId, holding);
    }

    /** Bytes of all indexes. */
    public synchronized long bytes() {
        return bytes;
    }

    /** Bytes that all indexes together may have. */
    public long maxBytes() {
        return maxBytes;
    }

    /** Indexes that were given up for others. */
    public synchronized long released() {
        return released;
    }
}
