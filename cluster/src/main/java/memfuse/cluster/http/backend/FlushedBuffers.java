package memfuse.cluster.http.backend;

/**
 * What came of the flushes of several users.
 *
 * @param sessions that were asked to flush, and have what they had in the layers
 * @param usersLeft users who refused for now, or did not answer in time
 */
public record FlushedBuffers(int sessions, int usersLeft) {
    /** Of nobody. */
    public static final FlushedBuffers NOTHING = new FlushedBuffers(0, 0);

    /** Whether everything that was buffered is in the layers. */
    public boolean isWhole() {
        return usersLeft == 0;
    }

    /** The sum. */
    public FlushedBuffers and(FlushedBuffers other) {
        return new FlushedBuffers(sessions + other.sessions, usersLeft + other.usersLeft);
    }
}
