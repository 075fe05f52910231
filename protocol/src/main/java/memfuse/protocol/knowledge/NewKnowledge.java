package memfuse.protocol.knowledge;

import memfuse.protocol.CborSerializable;

/**
 * An item of knowledge on its way to the store, or the new content of one that is there; checked and counted at the HTTP
 * edge.
 *
 * @param content any text without {@code \u0000}, the empty one as well
 * @param tokens tokens of the content, counted once (cl100k)
 */
public record NewKnowledge(String id, String content, int tokens) implements CborSerializable {
    public NewKnowledge {
        if (tokens < 0) {
            throw new IllegalArgumentException("tokens must be at least 0: id=" + id + ", tokens=" + tokens);
        }
    }
}
