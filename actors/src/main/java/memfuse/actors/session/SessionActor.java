package memfuse.actors.session;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.actors.session.SessionSettings.FlushStrategy;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Command;
import memfuse.protocol.session.SessionProtocol.Event;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.Handle;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.store.LayerStore;
import memfuse.protocol.store.SessionFlush;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.MessagesChanged;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
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
    /** After a recovery with unflushed rounds, they are flushed within this time, spread at random. */
    private static final Duration RECOVERED_FLUSH_SPREAD = Duration.ofSeconds(2);

    private static final String FLUSH_TIMER = "flush";

    /** The messages that a request names were looked up; {@code failure} is null where that went well. */
    private record LookedUp(
            Handle handle,
            Map<String, Message> found,
            @Nullable Throwable failure) implements Command {}

    /** Embedding came to an end; an append that waited for it is answered now. */
    private record Embedded(
            List<MemoryUnit> units,
            List<UnitVector> vectors,
            @Nullable Runnable heldAnswer) implements Command {}

    private record AwaitingFlush(long journalSeq, Runnable answer) {}

    private record FlushStored(long upToJournalSeq) implements Command {}

    private record FlushDue() implements Command {}

    /** Asks for all that is journaled and not stored, as index changes in the report with this ticket. */
    public record CollectUnits(long ticket) implements Command {}

    /** Stops the session if it is clean; if not, it stays and reports that. */
    public record StopIfClean() implements Command {}

    /** Stops the session, once what it is persisting is persisted. */
    public record Stop() implements Command {}

    /**
     * What a session needs of its node.
     *
     * @param storeExecutor for blocking work
     */
    public record Services(
            SessionSettings settings,
            LayerStore store,
            Executor storeExecutor,
            UnitSplitter splitter,
            UnitEmbedder embedder,
            ActorRef<FlushProtocol.Command> flush) {}

    private final ActorContext<Command> context;
    private final TimerScheduler<Command> timers;
    private final String userId;
    private final String sessionId;
    private final SessionReports reports;
    private final Services services;
    private final SessionSettings settings;
    private final StoredMessages storedMessages;
    private final SessionEmbeddings embeddings;
    private final ActorRef<FlushProtocol.FlushStored> flushStored;

    /** Whether the replay is over. */
    private boolean recovered;

    /** Whether messages are being looked up; other requests wait in the stash, so that order is kept. */
    private boolean lookingUp;

    /** Whether the next flush has to take everything: time is up, or a request was refused for want of room. */
    private boolean everythingDue;

    /** Answers that wait until the store has all events up to a journal sequence number, oldest first. */
    private final Deque<AwaitingFlush> awaitingFlush = new ArrayDeque<>();

    public static Behavior<Command> create(
            String userId, String sessionId, ActorRef<? super SessionReport> user, Services services) {
        return Behaviors.setup(context ->
                Behaviors.withTimers(timers -> new SessionActor(context, timers, userId, sessionId, user, services)));
    }

    private SessionActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String userId,
            String sessionId,
            ActorRef<? super SessionReport> user,
            Services services) {
        super(PersistenceId.ofUniqueId(SessionProtocol.persistenceId(sessionId)));
        this.context = context;
        this.timers = timers;
        this.userId = userId;
        this.sessionId = sessionId;
        this.reports = new SessionReports(sessionId, user);
        this.services = services;
        this.settings = services.settings();
        this.storedMessages = new StoredMessages(services.store(), services.storeExecutor(), sessionId);
        this.embeddings = new SessionEmbeddings(userId, services.embedder());
        this.flushStored = context.messageAdapter(
                FlushProtocol.FlushStored.class, stored -> new FlushStored(stored.upToJournalSeq()));
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
                .onCommand(CollectUnits.class, this::onCollectUnits)
                .onCommand(StopIfClean.class, this::onStopIfClean)
                .onCommand(Stop.class, (memory, stop) -> Effect().stop())
                .build();
    }

    @Override
    public EventHandler<SessionMemory, Event> eventHandler() {
        return newEventHandlerBuilder()
                .forAnyState()
                .onEvent(RoundAppended.class, (memory, event) -> {
                    memory.onRoundAppended(event, journalSeq(memory));
                    return memory;
                })
                .onEvent(MessagesUpdated.class, (memory, event) -> {
                    memory.onMessagesUpdated(event, journalSeq(memory));
                    return memory;
                })
                .onEvent(MessagesDeleted.class, (memory, event) -> {
                    memory.onMessagesDeleted(event, journalSeq(memory));
                    return memory;
                })
                .onEvent(Flushed.class, (memory, event) -> {
                    memory.onFlushed(event, journalSeq(memory));
                    return memory;
                })
                .build();
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
        if (memory.isClean()) {
            reports.state(memory);
            return;
        }
        List<MemoryUnit> units = memory.unitsFrom(memory.flushedSeq() + 1);
        embed(units, null);
        reports.unstored(memory, SessionReport.UNASKED);
        long delayMillis = ThreadLocalRandom.current().nextLong(RECOVERED_FLUSH_SPREAD.toMillis());
        timers.startSingleTimer(FLUSH_TIMER, new FlushDue(), Duration.ofMillis(delayMillis));
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
            storedMessages.history(read.page(), memory).whenComplete((messages, failure) -> {
                if (failure == null) {
                    reports.answer(handle.ticket(), new MessagesRead(messages));
                } else {
                    reports.unavailable(handle.ticket(), failure);
                }
            });
            return Effect().none();
        }
        if (request instanceof FlushNow) {
            return onFlushNow(memory, handle.ticket());
        }
        List<String> named = Decision.namedIds(request);
        boolean allKnown = named.stream().allMatch(id -> memory.buffered(id) != null);
        if (allKnown || memory.flushedSeq() == 0) {
            return decide(memory, handle, Map.of());
        }
        lookingUp = true;
        context.pipeToSelf(
                storedMessages.find(named, memory),
                (found, failure) -> new LookedUp(handle, failure == null ? found : Map.of(), failure));
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

    private EffectBuilder<Event, SessionMemory> decide(
            SessionMemory memory, Handle handle, Map<String, Message> found) {
        Decision decision = Decision.on(handle.request(), memory, found, settings);
        if (decision instanceof Decision.Journal journal) {
            long transferredBefore = memory.watermarks().transferred();
            return Effect()
                    .persist(journal.event())
                    .thenRun((SessionMemory after) -> onJournaled(after, handle.ticket(), journal, transferredBefore));
        }
        Reply reply = ((Decision.Answer) decision).reply();
        reports.tell(memory, handle.ticket(), reply, List.of());
        if (reply instanceof Refused refused && refused.code() == ErrorCode.OVERLOADED) {
            everythingDue = true;
            flushWhatIsDue(memory);
        }
        return Effect().none();
    }

    private void onJournaled(SessionMemory memory, long ticket, Decision.Journal journal, long transferredBefore) {
        Event event = journal.event();
        if (event instanceof RoundAppended appended) {
            List<MemoryUnit> units = memory.unitsFrom(appended.messages().get(0).seq());
            boolean transferred = memory.watermarks().transferred() > transferredBefore;
            Reply reply = Decision.appended(journal.messageIds(), transferred, memory);
            answer(memory, ticket, reply, units, new UnitsAdded(units));
        } else if (event instanceof MessagesUpdated updated) {
            List<MemoryUnit> units = memory.unitsOf(updated.messages());
            Reply reply = new MessagesChanged(journal.messageIds());
            answer(memory, ticket, reply, units, new MessagesReplaced(units));
        } else if (event instanceof MessagesDeleted deleted) {
            Reply reply = new MessagesChanged(journal.messageIds());
            answer(memory, ticket, reply, List.of(), new MessagesRemoved(sessionId, deleted.seqs()));
        }
        boolean idleAnew = settings.flushStrategy() == FlushStrategy.SIZE_BASED;
        if (idleAnew || !timers.isTimerActive(FLUSH_TIMER)) {
            timers.startSingleTimer(FLUSH_TIMER, new FlushDue(), settings.flushInterval());
        }
        flushWhatIsDue(memory);
    }

    /**
     * Tells the change to the index and starts embedding. The answer goes with it, or, where the settings say so, when the
     * embeddings are ready or the layers have the event.
     */
    private void answer(SessionMemory memory, long ticket, Reply reply, List<MemoryUnit> units, IndexChange change) {
        if (settings.buffered() && !settings.waitForEmbedding()) {
            reports.tell(memory, ticket, reply, List.of(change));
            embed(units, null);
            return;
        }
        reports.changes(memory, List.of(change));
        Runnable answer = () -> reports.answer(ticket, reply);
        if (settings.buffered()) {
            embed(units, answer);
        } else {
            embed(units, null);
            awaitingFlush.add(new AwaitingFlush(memory.lastJournalSeq(), answer));
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
            awaitingFlush.add(
                    new AwaitingFlush(memory.lastJournalSeq(), () -> reports.answer(ticket, new FlushCompleted(1))));
            flushWhatIsDue(memory);
        }
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onFlushDue(SessionMemory memory, FlushDue due) {
        everythingDue = !memory.isClean();
        flushWhatIsDue(memory);
        return Effect().none();
    }

    /** Hands all that is due to the flush workers; while a flush is under way nothing, it follows that one. */
    private void flushWhatIsDue(SessionMemory memory) {
        if (memory.isFlushing()) {
            return;
        }
        boolean everything = everythingDue || !awaitingFlush.isEmpty() || memory.isCrowded();
        boolean bySize = settings.flushStrategy() != FlushStrategy.TIME_BASED && memory.isHybridFull();
        if (!everything && !bySize && !memory.hasPendingChanges()) {
            return;
        }
        if (everything) {
            memory.transferAll();
        }
        SessionFlush flush = memory.seal();
        if (flush != null) {
            services.flush().tell(new FlushProtocol.Submit(flush, flushStored));
        }
        if (everything) {
            everythingDue = false;
            timers.cancel(FLUSH_TIMER); // what comes now starts it anew
        }
    }

    private Effect<Event, SessionMemory> onFlushStored(SessionMemory memory, FlushStored stored) {
        SessionFlush flush = memory.stored(stored.upToJournalSeq());
        if (flush == null) {
            return Effect().none();
        }
        embeddings.stored(flush);
        reports.state(memory);
        while (!awaitingFlush.isEmpty() && awaitingFlush.element().journalSeq() <= stored.upToJournalSeq()) {
            awaitingFlush.remove().answer().run();
        }
        if (memory.isClean()) {
            timers.cancel(FLUSH_TIMER);
        } else {
            flushWhatIsDue(memory);
        }
        return Effect().none();
    }

    private Effect<Event, SessionMemory> onCollectUnits(SessionMemory memory, CollectUnits collect) {
        reports.unstored(memory, collect.ticket());
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
