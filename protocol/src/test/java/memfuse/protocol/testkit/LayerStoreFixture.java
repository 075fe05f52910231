package memfuse.protocol.testkit;

import memfuse.protocol.directory.Directory;
import memfuse.protocol.facts.FactStore;
import memfuse.protocol.knowledge.KnowledgeStore;
import memfuse.protocol.store.LayerStore;

/** A store under test, empty at first, with an embedding model, and what stands around it. */
public interface LayerStoreFixture {
    LayerStore store();

    /** The knowledge of the same users. */
    KnowledgeStore knowledge();

    /** M2 of the same sessions. */
    FactStore facts();

    /** The directory over the same sessions. */
    Directory directory();

    /** Puts an event into the session's journal, as the session's actor would. */
    void journal(String sessionId, long journalSeq);
}
