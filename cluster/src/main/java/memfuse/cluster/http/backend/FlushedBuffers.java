package memfuse.cluster.http.backend;

import java.util.List;
import java.util.stream.Stream;

/**
 * What came of a flush of the cluster.
 *
 * @param sessions whose buffers are in the layers
 * @param nodesLeft addresses of the nodes that did not say in time that all of theirs are, ascending
 * @param usersLeft how many users on their way between nodes did not say so
 */
public record FlushedBuffers(int sessions, List<String> nodesLeft, int usersLeft) {
    public FlushedBuffers {
        nodesLeft = List.copyOf(nodesLeft);
    }

    /** Whether everything that was buffered is in the layers. */
    public boolean isWhole() {
        return nodesLeft.isEmpty() && usersLeft == 0;
    }

    /** The sum. */
    public FlushedBuffers and(FlushedBuffers other) {
        return new FlushedBuffers(
                sessions + other.sessions,
                Stream.concat(nodesLeft.stream(), other.nodesLeft.stream())
                        .sorted()
                        .toList(),
                usersLeft + other.usersLeft);
    }
}
