package memfuse.protocol.transfer;

import java.util.List;
import java.util.Optional;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.Session;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;

/** Takes a user's memory into the store: agents, then each session with its messages, then knowledge. */
public interface ImportSink {
    /**
     * An agent of the sessions that follow.
     *
     * @param sourceId its id in the file
     * @param agent as it is to be created where there is none of its name
     */
    void agent(String sourceId, Entity agent);

    /**
     * A session, whose messages follow.
     *
     * @param sourceId its id in the file
     * @param session with an id that is not taken, of the importing user, and with its agent's id in the file
     */
    void session(String sourceId, Session session);

    /**
     * The next messages of the last session.
     *
     * @param messages with growing numbers, at least one
     * @param units those of the messages, in their order
     * @return the first id that the session has already; the import cannot go on then, and the source is to throw
     */
    Optional<String> messages(List<Message> messages, List<MemoryUnit> units);

    /** Knowledge, behind that which is there. */
    void knowledge(List<ImportedKnowledge> items);
}
