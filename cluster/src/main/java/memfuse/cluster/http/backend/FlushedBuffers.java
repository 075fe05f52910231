package memfuse.cluster.http.backend;

import java.util.List;

/**
 * What came of a flush of all nodes.
 *
 * @param sessions whose buffers are in the layers
 * @param nodesLeft addresses of the nodes that did not say in time that all of theirs are; none where the flush is whole
 */
public record FlushedBuffers(int sessions, List<String> nodesLeft) {
    public FlushedBuffers {
        nodesLeft = List.copyOf(nodesLeft);
    }
}
