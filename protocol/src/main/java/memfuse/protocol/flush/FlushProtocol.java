package memfuse.protocol.flush;

import memfuse.protocol.store.SessionFlush;
import org.apache.pekko.actor.typed.ActorRef;

/** The protocol of the flush coordinator; all of it stays on one node. */
public final class FlushProtocol {
    private FlushProtocol() {}

    /** What the coordinator receives. */
    public sealed interface Command permits Submit, Withdraw, Internal {}

    /** Messages between the coordinator and its workers. */
    public non-sealed interface Internal extends Command {}

    /**
     * A session has something to flush. It is written, retried for as long as it takes, and answered by {@link
     * FlushStored}; a session has one such request under way at a time.
     */
    public record Submit(SessionFlush flush, ActorRef<FlushStored> replyTo) implements Command {}

    /** The session stops waiting: its request is dropped if no worker has it yet. */
    public record Withdraw(String sessionId) implements Command {}

    /** The store has everything of the session's events up to {@code upToJournalSeq}. */
    public record FlushStored(String sessionId, long upToJournalSeq) {}
}
