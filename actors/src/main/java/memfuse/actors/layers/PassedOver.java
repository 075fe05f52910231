package memfuse.actors.layers;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import memfuse.protocol.memory.UnitKey;

/** Pending units that the backlog does not take up, so that they hold up no others. Not thread-safe. */
final class PassedOver {
    /** Units that could not be embedded; with more, nothing is read until the next scan. */
    private static final int MAX_SET_ASIDE = 4096;

    /** Units whose embedding the store does not take; of more, the oldest are tried again. */
    private static final int MAX_REFUSED = 1024;

    private final Set<UnitKey> setAside = new HashSet<>();
    private final Set<UnitKey> refused = new LinkedHashSet<>();

    /** These units could not be embedded: they are passed over until {@link #clearSetAside}. */
    void setAside(Collection<UnitKey> keys) {
        setAside.addAll(keys);
    }

    /** The store does not take the unit's embedding: it is passed over until the next start of the node. */
    void refuse(UnitKey key) {
        refused.add(key);
        if (refused.size() > MAX_REFUSED) {
            refused.remove(refused.iterator().next());
        }
    }

    void clearSetAside() {
        setAside.clear();
    }

    boolean isFull() {
        return setAside.size() >= MAX_SET_ASIDE;
    }

    /** All of them, as a set of its own. */
    Set<UnitKey> keys() {
        Set<UnitKey> keys = new HashSet<>(setAside);
        keys.addAll(refused);
        return keys;
    }
}
