package memfuse.actors.user;

import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.knowledge.SplitKnowledge;

/**
 * What users' actors need for knowledge.
 *
 * @param bounds of one user
 * @param onPending is told, on any thread, that the store has units that wait for an embedding
 */
public record KnowledgeServices(KnowledgeStore store, KnowledgeBounds bounds, Splitter splitter, Runnable onPending) {
    /** Splits an item into the pieces it is searched by, the same for the same content; called on any thread. */
    @FunctionalInterface
    public interface Splitter {
        SplitKnowledge split(NewKnowledge item);
    }
}
