package memfuse.protocol.store;

/**
 * Which embedding model the stored vectors are of. Units keep the name of their vector's model, and a vector of another
 * model than the node's is never read; here such units are found and marked, so that they are embedded anew. Blocking and
 * thread-safe; what the store cannot do is a {@link StoreException}.
 */
public interface ModelStore {
    /**
     * A step of the adoption of the node's model.
     *
     * @param marked units of another model, or of none, that wait for an embedding now
     * @param done whether all units have been looked at since the model is this one
     */
    record Adoption(int marked, boolean done) {}

    /** Looks through the next units; where the store knows another model, from the beginning. Goes on after a restart. */
    Adoption adoptNext();

    /** Units, of messages and knowledge, that wait for an embedding. */
    long pendingUnits();
}
