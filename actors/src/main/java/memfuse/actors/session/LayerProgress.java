package memfuse.actors.session;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import memfuse.actors.session.StoredMessages.Behind;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.Command;
import memfuse.protocol.session.SessionProtocol.Layer;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.WatermarksRead;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Answers who asks how far the layers have come, and who waits for that, each for a time of its own.
 *
 * <p>What is in M0 the session knows. Which units are embedded and which messages have their facts the store is asked, and
 * only when the session starts or somebody wants to know.
 * Owned by the session's actor.
 */
final class LayerProgress {
    /** The time of a wait is over. */
    record WaitOver(long ticket) implements Command {}

    /**
     * The store was asked how far M1 and M2 are behind.
     *
     * @param ticket who wants to know, or {@link SessionReport#UNASKED} for those that wait
     * @param flushedJournalSeq the last event in the layers when the store was asked
     */
    record PendingRead(
            long ticket,
            long flushedJournalSeq,
            @Nullable Behind behind,
            @Nullable Throwable failure) implements Command {}

    /**
     * The store was asked for one whose time is over.
     *
     * @param behind null where it did not say
     */
    record LastLook(
            long ticket, long flushedJournalSeq, @Nullable Behind behind) implements Command {}

    private record Wait(long ticket, Layer layer, long seq) {}

    /** What is waited for the store when the time of a wait is over; then the answer says what is known. */
    private static final Duration LAST_LOOK = Duration.ofMillis(500);

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final StoredMessages storedMessages;
    private final SessionFlushing flushing;
    private final SessionReports reports;
    private final List<Wait> waits = new ArrayList<>();

    LayerProgress(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            StoredMessages storedMessages,
            SessionFlushing flushing,
            SessionReports reports) {
        this.context = context;
        this.timers = timers;
        this.storedMessages = storedMessages;
        this.flushing = flushing;
        this.reports = reports;
    }

    /**
     * The journal says how far M0 is; how far the others are, the store is asked, so that watermarks soon tell it again.
     */
    void onRecovered(SessionMemory memory) {
        if (memory.layers().flushedSeq() > 0) {
            read(memory, SessionReport.UNASKED);
        }
    }

    /** Answers the ticket when the layer has come as far as is asked for, or the time is over. */
    void await(SessionMemory memory, long ticket, AwaitLayer wanted) {
        waits.add(new Wait(ticket, wanted.layer(), wanted.seq()));
        timers.startSingleTimer(timerOf(ticket), new WaitOver(ticket), wanted.timeout());
        goOn(memory);
    }

    /** Answers the ticket with how far the layers are now. */
    void read(SessionMemory memory, long ticket) {
        long flushedJournalSeq = memory.layers().flushedJournalSeq();
        context.pipeToSelf(
                storedMessages.behind(),
                (behind, failure) -> new PendingRead(ticket, flushedJournalSeq, behind, failure));
    }

    /** The layers have more than before, or somebody waits for them to. */
    void goOn(SessionMemory memory) {
        answerReached(memory);
        Watermarks watermarks = memory.watermarks();
        if (waits.stream().anyMatch(wait -> wait.layer() == Layer.M1 && wait.seq() <= watermarks.flushed())) {
            read(memory, SessionReport.UNASKED);
        }
        if (waits.stream().anyMatch(wait -> wait.seq() > watermarks.flushed())) {
            flushing.flushEverything(memory);
        }
    }

    void onPendingRead(SessionMemory memory, PendingRead read) {
        if (read.behind() == null) {
            if (read.ticket() != SessionReport.UNASKED) {
                reports.unavailable(read.ticket(), Objects.requireNonNull(read.failure()));
            }
        } else if (read.flushedJournalSeq() != memory.layers().flushedJournalSeq()) {
            read(memory, read.ticket()); // a flush came between, what was read may be old
        } else {
            memory.layers().onBehind(read.behind());
            answerReached(memory);
            if (read.ticket() != SessionReport.UNASKED) {
                answer(memory, read.ticket());
            }
        }
    }

    /** The store is asked once more before a wait for embeddings is over: who stored them may not have said so. */
    void onWaitOver(SessionMemory memory, WaitOver over) {
        boolean ofM1 = waits.stream().anyMatch(wait -> wait.ticket() == over.ticket() && wait.layer() == Layer.M1);
        if (waits.removeIf(wait -> wait.ticket() == over.ticket())) {
            if (ofM1) {
                lastLook(memory, over.ticket());
            } else {
                answer(memory, over.ticket());
            }
        }
    }

    private void lastLook(SessionMemory memory, long ticket) {
        long flushedJournalSeq = memory.layers().flushedJournalSeq();
        context.pipeToSelf(
                storedMessages.behind().toCompletableFuture().orTimeout(LAST_LOOK.toMillis(), TimeUnit.MILLISECONDS),
                (behind, failure) -> new LastLook(ticket, flushedJournalSeq, behind));
    }

    void onLastLook(SessionMemory memory, LastLook look) {
        if (look.behind() != null && look.flushedJournalSeq() == memory.layers().flushedJournalSeq()) {
            memory.layers().onBehind(look.behind());
        }
        answer(memory, look.ticket());
    }

    private void answerReached(SessionMemory memory) {
        Watermarks watermarks = memory.watermarks();
        Iterator<Wait> each = waits.iterator();
        while (each.hasNext()) {
            Wait wait = each.next();
            long reached = wait.layer() == Layer.M0 ? watermarks.flushed() : watermarks.embedded();
            if (reached >= wait.seq()) {
                each.remove();
                timers.cancel(timerOf(wait.ticket()));
                answer(memory, wait.ticket());
            }
        }
    }

    private void answer(SessionMemory memory, long ticket) {
        reports.answer(ticket, new WatermarksRead(memory.watermarks()));
    }

    private static String timerOf(long ticket) {
        return "wait-" + ticket;
    }
}
