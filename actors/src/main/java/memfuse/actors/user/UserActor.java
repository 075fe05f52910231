package memfuse.actors.user;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.SessionActor;
import memfuse.actors.session.SessionReport;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Awake;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * One user: the parent of the user's sessions, and the gate in front of them.
 *
 * <p>It counts what is under way, for a session and in all, and refuses what is too much, because an event-sourced
 * session cannot count its own queue. Answers of sessions pass through it, so the index has heard of a message before
 * the client has. It keeps nothing that a crash could lose: sessions are in the directory, messages in the journal and
 * the layers, and a session that ends by a failure is started again.
 */
public final class UserActor extends AbstractBehavior<Command> {
    private static final Duration MIN_RESTART_PAUSE = Duration.ofMillis(100);
    private static final Duration MAX_RESTART_PAUSE = Duration.ofSeconds(5);
    private static final String NO_ANSWER = "the session ended before it could answer";

    private record SessionEnded(SessionSlot slot, ActorRef<SessionProtocol.Command> actor)
            implements UserProtocol.Internal {}

    private record RestartDue(SessionSlot slot) implements UserProtocol.Internal {}

    private record IdleCheckDue() implements UserProtocol.Internal {}

    /** Work on the store is done; what follows is done on the actor. */
    private record Then(Runnable work) implements UserProtocol.Internal {}

    /** Embeddings of flushed units were stored by somebody else than their session. */
    public record VectorsStored(List<UnitVector> vectors) implements UserProtocol.Internal {}

    /** Stops the user after what is under way at its sessions; the shard's stop message. */
    public record Stop() implements UserProtocol.Internal {}

    private final TimerScheduler<Command> timers;
    private final String userId;
    private final UserServices services;
    private final UserSettings settings;
    private final Map<String, SessionSlot> sessions = new HashMap<>();
    private final Tickets tickets = new Tickets();
    private final StoreWork storeWork;
    private final SessionRegister register;
    private final UserQueries queries;

    private Instant lastRequest;

    /** The erasure of the user that is going on, or null. */
    private @Nullable EraseUser erasure;

    /** Whether the store has erased the user. */
    private boolean erased;

    /** Whether the shard has asked the user to stop. */
    private boolean stopping;

    /** A user's actor; it begins with reading the user's sessions. */
    public static Behavior<Command> create(String userId, UserServices services) {
        return UserActivation.create(userId, services);
    }

    static Behavior<Command> active(String userId, UserServices services, UserActivation.UserState state) {
        return Behaviors.setup(
                context -> Behaviors.withTimers(timers -> new UserActor(context, timers, userId, services, state)));
    }

    private UserActor(
            ActorContext<Command> context,
            TimerScheduler<Command> timers,
            String userId,
            UserServices services,
            UserActivation.UserState state) {
        super(context);
        this.timers = timers;
        this.userId = userId;
        this.services = services;
        this.settings = services.settings();
        this.lastRequest = services.clock().instant();
        this.storeWork = new StoreWork(services.storeExecutor(), this::then);
        this.register = new SessionRegister(services, sessions, storeWork);
        this.queries = new UserQueries(userId, services, sessions, this::then);
        state.sessions().forEach(session -> sessions.put(session.id(), new SessionSlot(session, lastRequest)));
        state.dirtySessions().stream()
                .map(sessions::get)
                .filter(slot -> slot != null)
                .forEach(slot -> {
                    slot.clean = false;
                    start(slot);
                });
        Duration interval = settings.sessionIdleTimeout().dividedBy(2);
        timers.startTimerWithFixedDelay(new IdleCheckDue(), interval);
        services.activeUsers().enter(userId, context.getSelf());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Request.class, request -> !isOpen(), this::onRequestAtTheEnd)
                .onMessage(ToSession.class, this::onToSession)
                .onMessage(Query.class, this::onQuery)
                .onMessage(CreateSession.class, this::onCreateSession)
                .onMessage(RenameSession.class, this::onRenameSession)
                .onMessage(EraseSession.class, this::onEraseSession)
                .onMessage(EraseUser.class, this::onEraseUser)
                .onMessage(FlushUser.class, this::onFlushUser)
                .onMessage(Wake.class, this::onWake)
                .onMessage(SessionReport.class, this::onReport)
                .onMessage(VectorsStored.class, this::onVectorsStored)
                .onMessage(Then.class, this::onThen)
                .onMessage(SessionEnded.class, this::onSessionEnded)
                .onMessage(RestartDue.class, this::onRestartDue)
                .onMessage(IdleCheckDue.class, this::onIdleCheckDue)
                .onMessage(Stop.class, this::onStop)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    private boolean isOpen() {
        return !stopping && erasure == null;
    }

    private Behavior<Command> onRequestAtTheEnd(Request request) {
        request.replyTo().tell(refusalAtTheEnd());
        return this;
    }

    private Refused refusalAtTheEnd() {
        return erasure != null ? Refusals.userNotFound(userId) : Refusals.unavailable(Refusals.MOVES);
    }

    private Behavior<Command> onToSession(ToSession request) {
        lastRequest = services.clock().instant();
        SessionSlot slot = sessions.get(request.sessionId());
        if (slot == null || slot.erasure != null) {
            request.replyTo().tell(Refusals.sessionNotFound(request.sessionId()));
        } else if (tickets.size() >= settings.maxInFlight()) {
            request.replyTo().tell(Refusals.overloaded("userMaxInFlight=" + settings.maxInFlight()));
        } else if (slot.inFlight + slot.waiting.size() >= settings.maxInFlightPerSession()) {
            request.replyTo().tell(Refusals.overloaded("sessionMaxInFlight=" + settings.maxInFlightPerSession()));
        } else if (slot.pausing) {
            request.replyTo().tell(Refusals.unavailable("the session is being recovered"));
        } else if (slot.stopping) {
            slot.waiting.add(request);
        } else {
            forward(slot, request);
        }
        return this;
    }

    private void forward(SessionSlot slot, ToSession request) {
        slot.lastRequest = services.clock().instant();
        long ticket = tickets.open(
                slot, reply -> request.replyTo().tell(reply == null ? Refusals.unavailable(NO_ANSWER) : reply));
        actorOf(slot).tell(new SessionProtocol.Handle(ticket, request.request()));
    }

    private Behavior<Command> onReport(SessionReport report) {
        SessionSlot slot = sessions.get(report.sessionId());
        if (slot != null) {
            report.changes().forEach(queries.index()::apply);
        }
        if (slot != null && slot.actor != null && report.state() != null) {
            slot.update(report.state());
            if (slot.stopping && !slot.clean) {
                slot.stopping = false; // it has something to flush after all, and stays
                forwardWaiting(slot);
            }
        }
        if (report.ticket() != SessionReport.UNASKED) {
            tickets.close(report.ticket(), report.reply());
        }
        return this;
    }

    private void forwardWaiting(SessionSlot slot) {
        while (!slot.waiting.isEmpty()) {
            forward(slot, slot.waiting.remove());
        }
    }

    private Behavior<Command> onQuery(Query query) {
        lastRequest = services.clock().instant();
        UserIndex.Loading loading = queries.ask(query);
        if (loading != null) {
            collectUnstored(loading);
        }
        return this;
    }

    /** Has all awake sessions tell what they have not stored, and then the index loaded: what they do not tell is stored. */
    private void collectUnstored(UserIndex.Loading loading) {
        List<SessionSlot> asked = mayBeDirty();
        AtomicInteger missing = new AtomicInteger(asked.size());
        for (SessionSlot slot : asked) {
            long ticket = tickets.open(slot, refusal -> {
                if (refusal instanceof Refused refused && slot.erasure == null) {
                    queries.abandon(loading, refused);
                } else if (missing.decrementAndGet() == 0) {
                    queries.load(loading);
                }
            });
            actorOf(slot).tell(new SessionActor.CollectUnits(ticket));
        }
        if (asked.isEmpty()) {
            queries.load(loading);
        }
    }

    /** Sessions that may have something unflushed. */
    private List<SessionSlot> mayBeDirty() {
        return sessions.values().stream()
                .filter(slot -> slot.erasure == null && slot.mayBeDirty())
                .toList();
    }

    private Behavior<Command> onVectorsStored(VectorsStored stored) {
        queries.index().apply(new IndexChange.VectorsReady(stored.vectors()));
        return this;
    }

    private Behavior<Command> onCreateSession(CreateSession create) {
        lastRequest = services.clock().instant();
        register.create(create);
        return this;
    }

    private Behavior<Command> onRenameSession(RenameSession rename) {
        lastRequest = services.clock().instant();
        register.rename(rename);
        return this;
    }

    private Behavior<Command> onEraseSession(EraseSession erase) {
        lastRequest = services.clock().instant();
        SessionSlot slot = sessions.get(erase.sessionId());
        if (slot == null || slot.erasure != null) {
            erase.replyTo().tell(Refusals.sessionNotFound(erase.sessionId()));
            return this;
        }
        slot.erasure = erase;
        slot.pausing = false;
        timers.cancel(slot);
        queries.index().touch();
        slot.waiting.forEach(request -> request.replyTo().tell(Refusals.sessionNotFound(erase.sessionId())));
        slot.waiting.clear();
        if (slot.actor == null) {
            erase(slot, erase);
        } else {
            slot.actor.tell(new SessionActor.Stop());
        }
        return this;
    }

    /** Nobody writes for the session any more: takes it out of the store, and out of the index. */
    private void erase(SessionSlot slot, EraseSession erase) {
        String sessionId = slot.session.id();
        storeWork.run(
                () -> {
                    services.store().eraseSession(userId, sessionId);
                    return true;
                },
                (done, failure) -> {
                    slot.erasure = null;
                    if (done == null) {
                        queries.index().touch();
                        startAnew(slot);
                        erase.replyTo().tell(Refusals.storeFailed(failure));
                    } else {
                        sessions.remove(sessionId);
                        queries.index().removeSession(sessionId);
                        erase.replyTo().tell(new Erased(sessionId));
                    }
                });
    }

    /** A session that is not erased after all goes on, if it may have something to flush. */
    private void startAnew(SessionSlot slot) {
        if (isOpen() && slot.actor == null && slot.mayBeDirty()) {
            start(slot);
        }
    }

    private Behavior<Command> onEraseUser(EraseUser erase) {
        erasure = erase;
        stopSessions();
        return atTheEnd();
    }

    private Behavior<Command> onFlushUser(FlushUser flush) {
        List<SessionSlot> asked = mayBeDirty();
        AtomicInteger missing = new AtomicInteger(asked.size());
        AtomicReference<@Nullable Reply> refusal = new AtomicReference<>();
        for (SessionSlot slot : asked) {
            long ticket = tickets.open(slot, reply -> {
                if (reply instanceof Refused) {
                    refusal.set(reply);
                }
                if (missing.decrementAndGet() == 0) {
                    Reply refused = refusal.get();
                    flush.replyTo().tell(refused == null ? new FlushCompleted(asked.size()) : refused);
                }
            });
            actorOf(slot).tell(new SessionProtocol.Handle(ticket, new FlushNow()));
        }
        if (asked.isEmpty()) {
            flush.replyTo().tell(new FlushCompleted(0));
        }
        return this;
    }

    private Behavior<Command> onWake(Wake wake) {
        wake.replyTo().tell(new Awake());
        return this;
    }

    private ActorRef<SessionProtocol.Command> actorOf(SessionSlot slot) {
        return slot.actor == null ? start(slot) : slot.actor;
    }

    private ActorRef<SessionProtocol.Command> start(SessionSlot slot) {
        ActorRef<SessionProtocol.Command> actor = getContext()
                .spawnAnonymous(SessionActor.create(
                        userId, slot.session.id(), getContext().getSelf().narrow(), services.sessions()));
        getContext().watchWith(actor, new SessionEnded(slot, actor));
        slot.actor = actor;
        slot.stopping = false;
        slot.pausing = false;
        return actor;
    }

    private Behavior<Command> onSessionEnded(SessionEnded ended) {
        SessionSlot slot = ended.slot();
        boolean idle = slot.stopping && slot.clean;
        slot.actor = null;
        slot.stopping = false;
        slot.clean = idle || (slot.clean && slot.inFlight == 0 && isExpectedToEnd(slot));
        tickets.closeAll(slot, idle ? null : Refusals.unavailable(NO_ANSWER));
        if (slot.erasure != null) {
            erase(slot, slot.erasure);
        } else if (!isOpen()) {
            return atTheEnd();
        } else if (idle) {
            forwardWaiting(slot);
        } else {
            slot.pausing = true;
            timers.startSingleTimer(slot, new RestartDue(slot), restartPause(slot.failures++));
        }
        return this;
    }

    private boolean isExpectedToEnd(SessionSlot slot) {
        return slot.erasure != null || !isOpen();
    }

    private static Duration restartPause(int failures) {
        Duration pause = MIN_RESTART_PAUSE.multipliedBy(1L << Math.min(failures, 10));
        return pause.compareTo(MAX_RESTART_PAUSE) > 0 ? MAX_RESTART_PAUSE : pause;
    }

    /** A session that ended by a failure may be dirty, so it is started whether anybody asks or not. */
    private Behavior<Command> onRestartDue(RestartDue restart) {
        if (isOpen() && restart.slot().pausing) {
            start(restart.slot());
        }
        return this;
    }

    private Behavior<Command> onIdleCheckDue(IdleCheckDue due) {
        Instant now = services.clock().instant();
        Instant idleSince = now.minus(settings.sessionIdleTimeout());
        boolean anyAwake = false;
        for (SessionSlot slot : sessions.values()) {
            boolean idle = slot.inFlight == 0 && slot.clean && !slot.lastRequest.isAfter(idleSince);
            if (slot.actor != null && idle && !slot.stopping) {
                slot.stopping = true;
                slot.actor.tell(new SessionActor.StopIfClean());
            }
            anyAwake |= slot.mayBeDirty() || slot.erasure != null;
        }
        boolean idle = !anyAwake && isNothingUnderWay();
        if (idle && !lastRequest.isAfter(now.minus(settings.idleTimeout()))) {
            services.passivate().accept(getContext().getSelf());
        }
        return this;
    }

    private Behavior<Command> onStop(Stop stop) {
        stopping = true;
        stopSessions();
        return atTheEnd();
    }

    private void stopSessions() {
        Refused refusal = refusalAtTheEnd();
        register.refuseWaiting(refusal);
        for (SessionSlot slot : sessions.values()) {
            if (slot.actor != null) {
                slot.actor.tell(new SessionActor.Stop());
            }
            slot.pausing = false;
            slot.waiting.forEach(request -> request.replyTo().tell(refusal));
            slot.waiting.clear();
        }
    }

    /** Goes on with the end of the user once no session is awake any more, and everything is answered. */
    private Behavior<Command> atTheEnd() {
        boolean awake = sessions.values().stream().anyMatch(slot -> slot.actor != null);
        if (awake || !isNothingUnderWay()) {
            return this;
        }
        if (erasure != null && !erased) {
            erase(erasure);
            return this;
        }
        return stopping ? Behaviors.stopped() : this;
    }

    private boolean isNothingUnderWay() {
        return tickets.size() == 0 && storeWork.size() == 0 && queries.isIdle();
    }

    private void erase(EraseUser erase) {
        storeWork.run(
                () -> {
                    services.store().eraseUser(userId);
                    return true;
                },
                (done, failure) -> {
                    if (done == null) {
                        erasure = null;
                        sessions.values().forEach(this::startAnew);
                        erase.replyTo().tell(Refusals.storeFailed(failure));
                    } else {
                        erased = true;
                        erase.replyTo().tell(new Erased(userId));
                        services.passivate().accept(getContext().getSelf());
                    }
                });
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        services.activeUsers().leave(userId, getContext().getSelf());
        return this;
    }

    private Behavior<Command> onThen(Then then) {
        then.work().run();
        return isOpen() ? this : atTheEnd();
    }

    private <T> void then(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
        getContext().pipeToSelf(stage, (result, failure) -> new Then(() -> next.accept(result, failure)));
    }
}
