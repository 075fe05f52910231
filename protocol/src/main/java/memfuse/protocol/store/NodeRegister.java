package memfuse.protocol.store;

import java.time.Duration;

/**
 * Which nodes use the database, by what each of them writes there: seen even where the nodes do not reach each other.
 * Blocking and thread-safe; what the database cannot do is a {@link StoreException}.
 */
public interface NodeRegister {
    /** The node of that address, {@code host:port}, is there now. */
    void seen(String address);

    /** The node has ended. */
    void gone(String address);

    /** Whether any other node was seen lately, by the database's own clock. */
    boolean othersSeen(String address, Duration lately);
}
