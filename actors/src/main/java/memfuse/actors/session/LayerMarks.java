package memfuse.actors.session;

import java.util.OptionalLong;
import memfuse.actors.session.StoredMessages.Behind;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.SessionFlush;

/**
 * How far the layers are with a session, as of the last flush that the store has acknowledged.
 *
 * <p>Not thread-safe; part of one {@link SessionMemory}.
 */
final class LayerMarks {
    private long flushedJournalSeq;
    private long flushedSeq;
    private long storedCount;
    private long embeddedSeq;
    private long extractedSeq;

    /** Takes in a marker of the journal, in a replay. */
    void onFlushed(Flushed marker, long journalSeq) {
        flushedJournalSeq = journalSeq;
        flushedSeq = marker.lastSeq();
        storedCount = marker.messageCount();
    }

    /** Takes in that the store has a flush. */
    void onStored(SessionFlush flush) {
        onFlushed(flush.marker(), flush.upToJournalSeq());
        embeddedSeq = embeddedAfter(flush);
        flush.updated().forEach(changed -> extractedSeq = Math.min(extractedSeq, changed.seq() - 1));
    }

    /** What is embedded now that the store has a flush: its units are, where they came with their vectors. */
    private long embeddedAfter(SessionFlush flush) {
        long firstWithout = flush.units().stream()
                .filter(unit -> unit.vector() == null)
                .mapToLong(unit -> unit.key().seq())
                .min()
                .orElse(Long.MAX_VALUE);
        long reached = embeddedSeq >= flush.afterSeq() ? flush.marker().lastSeq() : embeddedSeq;
        return Math.min(reached, firstWithout - 1);
    }

    /** Takes in how far M1 and M2 are after the last flush, as the store says. */
    void onBehind(Behind behind) {
        onPending(behind.firstPending());
        extractedSeq = Math.min(flushedSeq, behind.firstWithoutFacts().orElse(Long.MAX_VALUE) - 1);
    }

    /** Takes in what the store says of M1 as it is after the last flush: the first message that waits for an embedding. */
    void onPending(OptionalLong first) {
        embeddedSeq = Math.min(flushedSeq, first.orElse(Long.MAX_VALUE) - 1);
    }

    /** The journal sequence number of the last event that is in the layers. */
    long flushedJournalSeq() {
        return flushedJournalSeq;
    }

    /** The number of the last message that is in M0. */
    long flushedSeq() {
        return flushedSeq;
    }

    /** Messages in M0. */
    long storedCount() {
        return storedCount;
    }

    /**
     * @param lastSeq the number of the last message ever appended
     * @param transferredSeq the number of the last message beyond the round buffer
     */
    Watermarks watermarks(long lastSeq, long transferredSeq) {
        return new Watermarks(lastSeq, transferredSeq, flushedSeq, embeddedSeq, extractedSeq);
    }

    /** The watermarks as they will be when everything up to this message is in M0. */
    Watermarks watermarksOnceStored(long lastSeq) {
        return new Watermarks(lastSeq, lastSeq, lastSeq, embeddedSeq, extractedSeq);
    }
}
