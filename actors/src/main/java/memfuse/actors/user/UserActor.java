package memfuse.actors.user;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.SessionActor;
import memfuse.actors.session.SessionReport;
import memfuse.actors.user.SessionEvents.WaitOver;
import memfuse.actors.user.SessionSupervision.RestartDue;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.UserProtocol;
import memfuse.protocol.user.UserProtocol.Awake;
import memfuse.protocol.user.UserProtocol.Command;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.FlushCompleted;
import memfuse.protocol.user.UserProtocol.FlushUser;
import memfuse.protocol.user.UserProtocol.KnowledgeRequest;
import memfuse.protocol.user.UserProtocol.ListChunks;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import memfuse.protocol.user.UserProtocol.ReadUnflushedChanges;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reload;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.japi.function.Function;
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
    private record IdleCheckDue() implements UserProtocol.Internal {}

    /** Work that went on elsewhere is done; what follows is done on the actor. */
    private record Then(Runnable work) implements UserProtocol.Internal {}

    /** Embeddings of flushed units were stored by somebody else than their session. */
    public record VectorsStored(List<UnitVector> vectors) implements UserProtocol.Internal {}

    /** Another node has stored embeddings of these units. */
    public record StoredElsewhere(List<UnitKey> keys) implements UserProtocol.Internal {}

    /** The node needs the room of the user's index, if nobody uses it. */
    record ReleaseIndex() implements UserProtocol.Internal {}

    /** Stops the user after what is under way at its sessions; the shard's stop message. */
    public record Stop() implements UserProtocol.Internal {}

    private final String userId;
    private final UserServices services;
    private final UserSessions sessions = new UserSessions();
    private final StoreWork storeWork;
    private final SessionSupervision supervision;
    private final SessionGate gate;
    private final SessionRegister register;
    private final UserQueries queries;
    private final UserKnowledge knowledge;
    private final UserChunks chunks;
    private final SessionEvents events;
    private final Erasures erasures;

    /** When the last request came. */
    private Instant lastRequest;

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
        this.userId = userId;
        this.services = services;
        this.lastRequest = services.clock().instant();
        this.storeWork = new StoreWork(services.storeThreads().of(userId), this::then, services.mayServe());
        this.supervision = new SessionSupervision(context, timers, userId, services);
        this.gate = new SessionGate(services.settings(), services.clock(), supervision);
        this.queries = new UserQueries(userId, context.getSelf(), services, sessions, gate, this::then);
        this.register = new SessionRegister(userId, services, sessions, storeWork, queries::reloadIndex);
        this.knowledge = new UserKnowledge(userId, services, storeWork, queries);
        this.chunks = new UserChunks(queries, sessions);
        this.events = new SessionEvents(
                timers, services.clock(), supervision, services.settings().maxInFlightPerSession());
        this.erasures = new Erasures(
                userId,
                services,
                storeWork,
                sessions,
                gate,
                queries,
                (pause, work) -> timers.startSingleTimer(work, new Then(work), pause),
                this::goOn,
                this::askToBeStopped);
        state.sessions().forEach(session -> sessions.add(session, lastRequest));
        state.dirtySessions().forEach(this::wakeDirty);
        timers.startTimerWithFixedDelay(
                new IdleCheckDue(), services.settings().sessionIdleTimeout().dividedBy(2));
        services.activeUsers().enter(userId, context.getSelf());
    }

    private void wakeDirty(String sessionId) {
        SessionSlot slot = sessions.find(sessionId);
        if (slot != null) {
            slot.clean = false;
            supervision.wake(slot);
        }
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Request.class, request -> !isOpen() || !mayServe(), this::onRequestAtTheEnd)
                .onMessage(ToSession.class, inUse(this::passOn))
                .onMessage(Query.class, inUse(query -> queries.ask(query.query(), query.replyTo()::tell)))
                .onMessage(KnowledgeRequest.class, inUse(knowledge::ask))
                .onMessage(ListChunks.class, inUse(chunks::list))
                .onMessage(ReadEvents.class, inUse(this::readEvents))
                .onMessage(ReadUnflushedChanges.class, inUse(this::readUnflushedChanges))
                .onMessage(CreateSession.class, inUse(register::create))
                .onMessage(RenameSession.class, inUse(register::rename))
                .onMessage(Reload.class, inUse(register::reload))
                .onMessage(EraseSession.class, inUse(this::eraseSession))
                .onMessage(EraseUser.class, this::onEraseUser)
                .onMessage(FlushUser.class, this::onFlushUser)
                .onMessage(Wake.class, this::onWake)
                .onMessage(SessionReport.class, this::onReport)
                .onMessage(VectorsStored.class, this::onVectorsStored)
                .onMessage(StoredElsewhere.class, this::onStoredElsewhere)
                .onMessage(WaitOver.class, this::onWaitOver)
                .onMessage(Then.class, this::onThen)
                .onMessage(RestartDue.class, this::onRestartDue)
                .onMessage(IdleCheckDue.class, this::onIdleCheckDue)
                .onMessage(ReleaseIndex.class, this::onReleaseIndex)
                .onMessage(Stop.class, this::onStop)
                .onSignal(Terminated.class, this::onSessionEnded)
                .onSignal(PostStop.class, this::onPostStop)
                .build();
    }

    /** Another node may have the user by now. */
    private boolean mayServe() {
        return services.mayServe().getAsBoolean();
    }

    private boolean isOpen() {
        return !stopping && !erasures.isOfUser();
    }

    private Behavior<Command> onRequestAtTheEnd(Request request) {
        if (!mayServe() || !erasures.joinsUser(request)) {
            request.replyTo().tell(refusalAtTheEnd());
        }
        return this;
    }

    private Refused refusalAtTheEnd() {
        return erasures.isOfUser() && mayServe() ? Refusals.userNotFound(userId) : Refusals.unavailable(Refusals.MOVES);
    }

    /** A handler of requests by which the user counts as in use. */
    private <R extends Request> Function<R, Behavior<Command>> inUse(Consumer<R> handler) {
        return request -> {
            lastRequest = services.clock().instant();
            handler.accept(request);
            return this;
        };
    }

    private void passOn(ToSession request) {
        SessionSlot slot = sessions.find(request.sessionId());
        if (slot == null) {
            request.replyTo().tell(Refusals.sessionNotFound(request.sessionId()));
        } else {
            gate.ask(slot, request.request(), request.replyTo()::tell);
        }
    }

    private void readEvents(ReadEvents request) {
        SessionSlot slot = sessions.find(request.sessionId());
        if (slot == null) {
            request.replyTo().tell(Refusals.sessionNotFound(request.sessionId()));
        } else {
            events.read(slot, request);
        }
    }

    private void readUnflushedChanges(ReadUnflushedChanges request) {
        gate.collectChanges(sessions.mayBeDirty(), request.replyTo()::tell);
    }

    private Behavior<Command> onWaitOver(WaitOver over) {
        events.onWaitOver(over);
        return this;
    }

    private void eraseSession(EraseSession erase) {
        erasures.beginSession(erase);
        events.close(erase.sessionId(), Refusals.sessionNotFound(erase.sessionId()));
    }

    private Behavior<Command> onEraseUser(EraseUser erase) {
        erasures.beginUser(erase);
        closeAll();
        return atTheEnd();
    }

    private Behavior<Command> onFlushUser(FlushUser flush) {
        List<SessionSlot> asked = sessions.mayBeDirty();
        gate.askAll(
                asked,
                new FlushNow(),
                refusal -> flush.replyTo().tell(refusal == null ? new FlushCompleted(asked.size()) : refusal));
        return this;
    }

    private Behavior<Command> onWake(Wake wake) {
        wake.replyTo().tell(new Awake());
        return this;
    }

    /** The index hears of what changed first, and then the client of the answer. */
    private Behavior<Command> onReport(SessionReport report) {
        SessionSlot slot = sessions.findAny(report.sessionId());
        if (slot != null) {
            report.changes().forEach(queries.index()::apply);
            events.add(
                    slot.id(),
                    report.changes(),
                    report.state() == null ? null : report.state().watermarks());
            gate.takeState(slot, report.state());
            if (slot.changesFlushed(report.changes())) {
                queries.forgetFacts();
            }
        }
        boolean unsaid = report.reply() != null && !mayServe();
        gate.answer(report.ticket(), unsaid ? Refusals.unavailable(Refusals.MOVES) : report.reply());
        return this;
    }

    private Behavior<Command> onVectorsStored(VectorsStored stored) {
        queries.index().apply(new IndexChange.VectorsReady(stored.vectors()));
        knowledge.onVectorsStored(stored.vectors());
        stored.vectors().stream()
                .filter(vector -> !vector.key().fromKnowledge())
                .map(vector -> vector.key().sessionId())
                .distinct()
                .forEach(sessionId -> onVectorsStored(sessionId, stored.vectors()));
        return this;
    }

    private Behavior<Command> onStoredElsewhere(StoredElsewhere stored) {
        storeWork.run(() -> services.store().vectors(userId, stored.keys()), (vectors, failure) -> {
            if (vectors != null) {
                onVectorsStored(new VectorsStored(vectors));
            }
        });
        return this;
    }

    private void onVectorsStored(String sessionId, List<UnitVector> vectors) {
        SessionSlot slot = sessions.find(sessionId);
        if (slot != null && slot.actor != null) {
            slot.actor.tell(new SessionActor.VectorsStored());
        }
        events.add(sessionId, List.of(new IndexChange.VectorsReady(vectors)), null);
    }

    private Behavior<Command> onSessionEnded(Terminated ended) {
        SessionSlot slot = supervision.ended(ended);
        boolean expected = slot.erasure != null || !isOpen();
        boolean idle = slot.end(expected);
        if (!expected && !idle) {
            supervision.restartLater(slot);
        }
        gate.answerForEnded(slot, !idle);
        if (erasures.onSessionEnded(slot)) {
            return this;
        }
        if (idle) {
            gate.forwardWaiting(slot);
        }
        return isOpen() ? this : atTheEnd();
    }

    private Behavior<Command> onRestartDue(RestartDue restart) {
        if (isOpen()) {
            supervision.restart(restart.slot());
        }
        return this;
    }

    /** The store could not erase the session; if it may have something to flush, it is started again. */
    private void goOn(SessionSlot slot) {
        if (isOpen() && slot.erasure == null && slot.mayBeDirty()) {
            supervision.wake(slot);
        }
    }

    private Behavior<Command> onIdleCheckDue(IdleCheckDue due) {
        Instant now = services.clock().instant();
        Instant sessionsIdleSince = now.minus(services.settings().sessionIdleTimeout());
        sessions.all().forEach(slot -> supervision.stopIfIdleSince(slot, sessionsIdleSince));
        events.forgetUnreadSince(now.minus(services.settings().idleTimeout()));
        queries.measureIndex();
        if (isIdle() && !lastRequest.isAfter(now.minus(services.settings().idleTimeout()))) {
            askToBeStopped();
        }
        return this;
    }

    private boolean isIdle() {
        return !sessions.isAnyInUse() && isNothingUnderWay();
    }

    /** Who has nothing else to keep goes with the index. */
    private Behavior<Command> onReleaseIndex(ReleaseIndex release) {
        queries.releaseIndex();
        if (isIdle() && queries.index().isAbsent()) {
            askToBeStopped();
        }
        return this;
    }

    private void askToBeStopped() {
        services.passivate().accept(getContext().getSelf());
    }

    private Behavior<Command> onStop(Stop stop) {
        stopping = true;
        closeAll();
        return atTheEnd();
    }

    private void closeAll() {
        Refused refusal = refusalAtTheEnd();
        register.refuseWaiting(refusal);
        knowledge.refuseWaiting(refusal);
        sessions.all().forEach(slot -> {
            gate.close(slot, refusal);
            events.close(slot.id(), refusal);
        });
    }

    /** Goes on with the end of the user once no session is awake any more, and everything is answered. */
    private Behavior<Command> atTheEnd() {
        if (sessions.isAnyAwake() || !isNothingUnderWay() || erasures.eraseUserIfDue()) {
            return this;
        }
        return stopping ? Behaviors.stopped() : this;
    }

    private boolean isNothingUnderWay() {
        return gate.underWay() == 0 && storeWork.size() == 0 && queries.isIdle() && events.isIdle();
    }

    private Behavior<Command> onPostStop(PostStop signal) {
        services.activeUsers().leave(userId, getContext().getSelf());
        queries.close();
        supervision.close();
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
