package memfuse.actors.session;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.actors.session.LayerProgress.LastLook;
import memfuse.actors.session.LayerProgress.PendingRead;
import memfuse.actors.session.LayerProgress.WaitOver;
import memfuse.actors.session.SessionFlushing.FlushDue;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.AppendRound;
import memfuse.protocol.session.SessionProtocol.AwaitLayer;
import memfuse.protocol.session.SessionProtocol.Command;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Handle;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.session.SessionProtocol.ReadWatermarks;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotSelectionCriteria;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EffectBuilder;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.Recovery;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.jspecify.annotations.Nullable;

/**
 * One session: the single writer of a conversation.
 *
 * <p>An {@code Appended} or {@code MessagesChanged} says that the event is in the journal; a crash after it loses
 * nothing, a crash before it may or may not have journaled it, and a repetition under the same ids adds nothing. The
 * journal holds exactly what is not in M0: a flush replaces the events it covers by a marker, in the transaction that
 * writes the layers. When the journal fails the actor stops, and its user's actor starts it anew.
 */
public final class SessionActor extends EventSourcedBehavior<Command, Event, SessionMemory> {
    /** When the journal fails the actor stops, and leaves it to its user's actor to say so. */
    private static final BackoffSupervisorStrategy STOP_QUIETLY = SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(1), Duration.ofMillis(1), 0)
            .withMaxRestarts(0)
            .withLoggingEnabled(false);

    /** The messages that a request names were looked up; {@code failure} is null where that went well. */
    private record LookedUp(
            Handle handle, Named found, @Nullable Throwable failure) implements Command {}

    /** Embedding came to an end; an append that waited for it is answered now. */
    private record Embedded(
            List<MemoryUnit> units,
            List<UnitVector> vectors,
            @Nullable Runnable heldAnswer) implements Command {}

    /** The store has embeddings of the session that came after their flush. */
    public record VectorsStored() implements Command {}

    private record FlushStored(long upToJournalSeq) implements Command {}

    /** Asks for all that is journaled and not stored, as index changes in the report with this ticket. */
    public record CollectUnits(long ticket) implements Command {}

    /** Asks which stored messages have changes that are not in the layers, as {@code UnflushedChanges}. */
    public record CollectChanges(long ticket) implements Command {}

    /** Stops the session if it is clean; if not, it stays and reports that. */
    public record StopIfClean() implements Command {}

    /** Stops the session, once what it is persisting is persisted. */
    public record Stop() implements Command {}

    private final ActorContext<Command> context;
    private final String userId;
    private final String sessionId;
    private final SessionReports reports;
    private final SessionServices services;
    private final SessionSettings settings;
    private final StoredMessages storedMessages;
    private final SessionEmbeddings embeddings;
    private final SessionFlushing flushing;
    private final LayerProgress progress;

    /** Whether the replay is over. */
    private boolean recovered;

    /** Whether messages are being looked up; other requests wait in the stash, so that order is kept. */
    private boolean lookingUp;

    public static Behavior<Command> create(
            String userId, String sessionId, ActorRef<? super SessionReport> user, SessionServices services) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new SessionActor(context, timers, userId, sessionId, user, services)));
    }

    private SessionActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String userId,
            String sessionId,
            ActorRef<? super SessionReport> user,
            SessionServices services) {
        super(PersistenceId.ofUniqueId(SessionProtocol.persistenceId(sessionId)), STOP_QUIETLY);
        this.context = context;
        this.userId = userId;
        this.sessionId = sessionId;
        this.reports = new SessionReports(sessionId, user);
        this.services = services;
        this.settings = services.settings();
        this.storedMessages = new StoredMessages(
                services.store(), services.facts(), services.storeThreads().of(userId), userId, sessionId);
        this.embeddings = new SessionEmbeddings(userId, services.embedder());
        ActorRef<FlushProtocol.FlushStored> flushStored = context.messageAdapter(
                FlushProtocol.FlushStored.class, stored -> new FlushStored(stored.upToJournalSeq()));
        this.flushing = new SessionFlushing(
                timers, settings, flush -> services.flush().tell(new FlushProtocol.Submit(flush, flushStored)));
        this.progress = new LayerProgress(context, timers, storedMessages, flushing, reports);
    }

    @Override
    public Recovery recovery() {
        return Recovery.withSnapshotSelectionCriteria(SnapshotSelectionCriteria.none());
    }

    @Override
    public SessionMemory emptyState() {
        return new SessionMemory(
                userId, sessionId, SessionProtocol.persistenceId(sessionId), settings, services.splitter());
    }

    @Override
    public CommandHandler<Command, Event, SessionMemory> commandHandler() {
        return newCommandHandlerBuilder()
                .forAnyState()
                .onCommand(Handle.class, this::onHandle)
                .onCommand(LookedUp.class, this::onLookedUp)
                .onCommand(Embedded.class, this::onEmbedded)
                .onCommand(FlushDue.class, this::onFlushDue)
                .onCommand(FlushStored.class, this::onFlushStored)
                .onCommand(VectorsStored.class, (memory, stored) -> told(() -> progress.goOn(memory)))
                .onCommand(PendingRead.class, this::onPendingRead)
                .onCommand(WaitOver.class, this::onWaitOver)
                .onCommand(LastLook.class, (memory, look) -> told(() -> progress.onLastLook(memory, look)))
                .onCommand(
                        CollectUnits.class, (memory, collect) -> told(() -> reports.unstored(memory, collect.ticket())))
                .onCommand(
                        CollectChanges.class,
                        (memory, collect) -> told(() -> reports.unflushedChanges(memory, collect.ticket())))
                .onCommand(StopIfClean.class, this::onStopIfClean)
                .onCommand(Stop.class, (memory, stop) -> Effect().stop())
                .build();
    }

    @Override
    public EventHandler<SessionMemory, Event> eventHandler() {
        return newEventHandlerBuilder().forAnyState().onAnyEvent((memory, event) -> {
            memory.on(event, journalSeq(memory));
            return memory;
        });
    }

    /**
     * The journal sequence number of the event that is being handled. Only a replay can ask: what the context says of a
     * new event may be the number before it.
     */
    private long journalSeq(SessionMemory memory) {
        return recovered ? memory.lastJournalSeq() + 1 : lastSequenceNumber(context);
    }

    @Override
    public SignalHandler<SessionMemory> signalHandler() {
        return newSignalHandlerBuilder()
                .onSignal(RecoveryCompleted.instance(), this::onRecovered)
                .onSignal(PostStop.instance(), memory -> onStopped())
                .build();
    }

    private void onRecovered(SessionMemory memory) {
        if (memory.lastJournalSeq() != lastSequenceNumber(context)) {
            throw new IllegalStateException("the replay ended too early: lastEvent=" + memory.lastJournalSeq()
                    + ", highestInJournal=" + lastSequenceNumber(context));
        }
        recovered = true;
        progress.onRecovered(memory);
        if (memory.isClean()) {
            reports.state(memory);
            return;
        }
        embed(memory.unitsFrom(memory.layers().flushedSeq() + 1), null);
        reports.unstored(memory, SessionReport.UNASKED);
        flushing.onRecovered();
    }

    private void onStopped() {
        services.flush().tell(new FlushProtocol.Withdraw(sessionId));
        embeddings.close();
    }

    private Effect<Event, SessionMemory> onHandle(SessionMemory memory, Handle handle) {
        if (lookingUp) {
            return Effect().stash();
        }
        SessionProtocol.Request request = handle.request();
        if (request instanceof ReadHistory read) {
            reports.answerWhenDone(handle.ticket(), storedMessages.history(read, memory));
            return Effect().none();
        }
        if (request instanceof ReadInOrder read) {
            reports.answerWhenDone(
                    handle.ticket(), storedMessages.inOrder(read.page(), memory).thenApply(MessagesRead::new));
            return Effect().none();
        }
        if (request instanceof FlushNow) {
            return onFlushNow(memory, handle.ticket());
        }
        if (request instanceof AwaitLayer await) {
            progress.await(memory, handle.ticket(), await);
            return Effect().none();
        }
        if (request instanceof ReadWatermarks) {
            progress.read(memory, handle.ticket());
            return Effect().none();
        }
        List<String> named = Decision.namedIds(request);
        IdempotencyKey key = request instanceof AppendRound append ? append.key() : null;
        boolean allKnown = named.stream().allMatch(id -> memory.buffered(id) != null)
                && (key == null || memory.answer(key.key()) != null);
        if (allKnown || memory.layers().flushedSeq() == 0) {
            return decide(memory, handle, Named.NOTHING);
        }
        lookingUp = true;
        context.pipeToSelf(
                storedMessages.find(named, key, memory, Decision.maxBytes(request)),
                (found, failure) -> new LookedUp(handle, failure == null ? found : Named.NOTHING, failure));
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onLookedUp(SessionMemory memory, LookedUp lookedUp) {
        lookingUp = false;
        if (lookedUp.failure() != null) {
            reports.unavailable(lookedUp.handle().ticket(), lookedUp.failure());
            return Effect().none().thenUnstashAll();
        }
        return decide(memory, lookedUp.handle(), lookedUp.found()).thenUnstashAll();
    }

    private EffectBuilder<Event, SessionMemory> decide(SessionMemory memory, Handle handle, Named found) {
        Decision decision = Decision.on(handle.request(), memory, found, settings);
        if (decision instanceof Decision.Journal journal) {
            long transferredBefore = memory.watermarks().transferred();
            return Effect()
                    .persist(journal.event())
                    .thenRun((SessionMemory after) -> onJournaled(after, handle.ticket(), journal, transferredBefore));
        }
        Reply reply = ((Decision.Answer) decision).reply();
        if (reply instanceof Appended && !settings.buffered() && !memory.isClean()) {
            whenStored(memory, () -> reports.answer(handle.ticket(), reply)); // what it repeats may be under way
            return Effect().none();
        }
        reports.tell(memory, handle.ticket(), reply, List.of());
        if (reply instanceof Refused refused && refused.code() == ErrorCode.OVERLOADED) {
            flushing.flushEverything(memory);
        }
        return Effect().none();
    }

    private void onJournaled(SessionMemory memory, long ticket, Decision.Journal journal, long transferredBefore) {
        answer(memory, ticket, Outcome.of(journal, memory, transferredBefore));
        flushing.onJournaled(memory);
    }

    /**
     * Tells the change to the index and starts embedding. The answer goes with it, or, where the settings say so, when the
     * embeddings are ready or the layers have the event.
     */
    private void answer(SessionMemory memory, long ticket, Outcome outcome) {
        List<IndexChange> changes = List.of(outcome.change());
        if (settings.buffered() && !settings.waitForEmbedding()) {
            reports.tell(memory, ticket, outcome.reply(), changes);
            embed(outcome.units(), null);
            return;
        }
        reports.changes(memory, changes);
        Runnable answer = () -> reports.answer(ticket, outcome.reply());
        if (settings.buffered()) {
            embed(outcome.units(), answer);
        } else if (settings.waitForEmbedding()) {
            embed(outcome.units(), () -> whenStored(memory, answer));
        } else {
            embed(outcome.units(), null);
            flushing.hold(memory, answer);
        }
    }

    /** Gives an answer when the layers have all that is journaled now, and sees to that. */
    private void whenStored(SessionMemory memory, Runnable answer) {
        if (memory.isClean()) {
            answer.run();
        } else {
            flushing.hold(memory, answer);
            flushing.flushWhatIsDue(memory);
        }
    }

    private void embed(List<MemoryUnit> units, @Nullable Runnable heldAnswer) {
        Optional<CompletionStage<List<UnitVector>>> embedded = embeddings.start(units);
        if (embedded.isPresent()) {
            context.pipeToSelf(
                    embedded.get(),
                    (vectors, failure) -> new Embedded(units, failure == null ? vectors : List.of(), heldAnswer));
        } else if (heldAnswer != null) {
            heldAnswer.run();
        }
    }

    private Effect<Event, SessionMemory> onEmbedded(SessionMemory memory, Embedded embedded) {
        embeddings.ready(embedded.units(), embedded.vectors(), memory);
        reports.changes(memory, List.of(new VectorsReady(embedded.vectors())));
        if (embedded.heldAnswer() != null) {
            embedded.heldAnswer().run();
        }
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onFlushNow(SessionMemory memory, long ticket) {
        if (memory.isClean()) {
            reports.tell(memory, ticket, new FlushCompleted(1), List.of());
        } else {
            whenStored(memory, () -> reports.answer(ticket, new FlushCompleted(1)));
        }
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onPendingRead(SessionMemory memory, PendingRead read) {
        progress.onPendingRead(memory, read);
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onWaitOver(SessionMemory memory, WaitOver over) {
        progress.onWaitOver(memory, over);
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onFlushDue(SessionMemory memory, FlushDue due) {
        flushing.flushEverything(memory);
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onFlushStored(SessionMemory memory, FlushStored stored) {
        SessionFlush flush = memory.stored(stored.upToJournalSeq());
        if (flush == null) {
            return Effect().none();
        }
        embeddings.stored(flush);
        services.facts().messagesFlushed();
        if (!services.embedder().embeds()) {
            memory.layers().onPending(OptionalLong.empty());
        }
        reports.state(memory);
        flushing.onStored(flush, memory);
        progress.goOn(memory);
        return Effect().none();
    }

    private Effect<Event, SessionMemory> told(Runnable report) {
        report.run();
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onStopIfClean(SessionMemory memory, StopIfClean stop) {
        if (memory.isClean() && !lookingUp) {
            return Effect().stop();
        }
        reports.state(memory);
        return Effect().none();
    }
}
