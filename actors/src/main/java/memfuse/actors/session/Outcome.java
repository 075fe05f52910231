package memfuse.actors.session;

import java.util.List;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.Reply;

/**
 * What follows from an event that a request has journaled.
 *
 * @param reply the answer to the request
 * @param units what is to be embedded
 * @param change what the index is told
 */
record Outcome(Reply reply, List<MemoryUnit> units, IndexChange change) {
    /**
     * The outcome of an event.
     *
     * @param memory the memory with the event taken in
     * @param transferredBefore the last number beyond the round buffer before that
     */
    static Outcome of(Decision.Journal journaled, SessionMemory memory, long transferredBefore) {
        Event event = journaled.event();
        if (event instanceof RoundAppended appended) {
            List<MemoryUnit> units = memory.unitsFrom(appended.messages().get(0).seq());
            boolean transferred = memory.watermarks().transferred() > transferredBefore;
            Reply reply = appended.answer() == null
                    ? AppendAnswers.now(journaled.messageIds(), transferred, memory)
                    : AppendAnswers.of(appended.answer());
            return new Outcome(reply, units, new UnitsAdded(units));
        }
        Reply changed = new MessagesChanged(journaled.messageIds());
        if (event instanceof MessagesUpdated updated) {
            List<MemoryUnit> units = memory.unitsOf(updated.messages());
            return new Outcome(changed, units, new MessagesReplaced(units));
        }
        if (event instanceof MessagesDeleted deleted) {
            return new Outcome(
                    changed,
                    List.of(),
                    new MessagesRemoved(memory.sessionId(), deleted.seqs(), journaled.messageIds()));
        }
        throw new IllegalArgumentException("not journaled by a request: " + event);
    }
}
