package memfuse.actors.session;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.protocol.session.SessionProtocol.Command;
import memfuse.protocol.store.SessionFlush;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * When a session flushes, and what: by size, by time, because somebody waits for it, or because it is crowded; one flush
 * at a time. Owned by the session's actor.
 */
final class SessionFlushing {
    /** After a recovery with unflushed rounds, they are flushed within this time, spread at random. */
    private static final Duration RECOVERED_FLUSH_SPREAD = Duration.ofSeconds(2);

    private static final String TIMER = "flush";

    /** The time of the oldest unflushed round is up. */
    record FlushDue() implements Command {}

    private final TimerScheduler<Command> timers;
    private final SessionSettings settings;
    private final Consumer<SessionFlush> submit;
    private final HeldAnswers heldAnswers = new HeldAnswers();

    /** Whether the next flush has to take everything: time is up, or a request was refused for want of room. */
    private boolean everythingDue;

    /** @param submit hands a flush to the flush workers */
    SessionFlushing(TimerScheduler<Command> timers, SessionSettings settings, Consumer<SessionFlush> submit) {
        this.timers = timers;
        this.settings = settings;
        this.submit = submit;
    }

    /** The session was started with something unflushed. */
    void onRecovered() {
        startTimer(Duration.ofMillis(ThreadLocalRandom.current().nextLong(RECOVERED_FLUSH_SPREAD.toMillis())));
    }

    /** An event was journaled. */
    void onJournaled(SessionMemory memory) {
        boolean idleAnew = settings.flushStrategy() == FlushStrategy.SIZE_BASED;
        if (idleAnew || !timers.isTimerActive(TIMER)) {
            startTimer(settings.flushInterval());
        }
        flushWhatIsDue(memory);
    }

    private void startTimer(Duration delay) {
        timers.startSingleTimer(TIMER, new FlushDue(), delay);
    }

    /** Flushes everything: time is up, or a request was refused for want of room. */
    void flushEverything(SessionMemory memory) {
        everythingDue = !memory.isClean();
        flushWhatIsDue(memory);
    }

    /** Holds an answer until the layers have all that is journaled now; {@link #flushWhatIsDue} sees to that. */
    void hold(SessionMemory memory, Runnable answer) {
        heldAnswers.hold(memory.lastJournalSeq(), answer);
    }

    /** Hands all that is due to the flush workers; while a flush is under way nothing, it follows that one. */
    void flushWhatIsDue(SessionMemory memory) {
        if (memory.isFlushing()) {
            return;
        }
        boolean everything = everythingDue || !heldAnswers.isEmpty() || memory.isCrowded();
        boolean bySize = settings.flushStrategy() != FlushStrategy.TIME_BASED && memory.isHybridFull();
        if (!everything && !bySize && !memory.hasPendingChanges()) {
            return;
        }
        if (everything) {
            memory.transferAll();
        }
        SessionFlush flush = memory.seal();
        if (flush != null) {
            submit.accept(flush);
        }
        if (everything) {
            everythingDue = false;
            timers.cancel(TIMER); // what comes now starts it anew
        }
    }

    /** The store has this flush: gives the answers that waited for it, and goes on. */
    void onStored(SessionFlush flush, SessionMemory memory) {
        heldAnswers.release(flush.upToJournalSeq());
        if (memory.isClean()) {
            timers.cancel(TIMER);
        } else {
            flushWhatIsDue(memory);
        }
    }
}
