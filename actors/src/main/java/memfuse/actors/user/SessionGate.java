package memfuse.actors.user;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import memfuse.actors.session.SessionActor;
import memfuse.actors.session.SessionReport;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.UnflushedChanges;
import org.jspecify.annotations.Nullable;

/**
 * The gate in front of a user's sessions: it counts what is under way, for a session and in all, refuses what is too
 * much, and brings each answer to who asked. Owned by the user's actor.
 */
final class SessionGate {
    private static final String NO_ANSWER = "the session ended before it could answer";

    private final UserSettings settings;
    private final InstantSource clock;
    private final SessionSupervision supervision;
    private final Tickets tickets = new Tickets();

    SessionGate(UserSettings settings, InstantSource clock, SessionSupervision supervision) {
        this.settings = settings;
        this.clock = clock;
        this.supervision = supervision;
    }

    /** Passes a client's request on to the session, or refuses it; {@code onReply} is called once, now or later. */
    void ask(SessionSlot slot, SessionProtocol.Request request, Consumer<Reply> onReply) {
        if (tickets.size() >= settings.maxInFlight()) {
            onReply.accept(Refusals.overloaded("userMaxInFlight=" + settings.maxInFlight()));
        } else if (slot.inFlight + slot.waiting.size() >= settings.maxInFlightPerSession()) {
            onReply.accept(Refusals.overloaded("sessionMaxInFlight=" + settings.maxInFlightPerSession()));
        } else if (slot.pausing) {
            onReply.accept(Refusals.unavailable("the session is being recovered"));
        } else if (slot.stopping) {
            slot.waiting.add(new SessionSlot.Waiting(request, onReply));
        } else {
            forward(slot, request, onReply);
        }
    }

    private void forward(SessionSlot slot, SessionProtocol.Request request, Consumer<Reply> onReply) {
        slot.lastRequest = clock.instant();
        askUnbounded(
                slot,
                ticket -> new SessionProtocol.Handle(ticket, request),
                reply -> onReply.accept(reply == null ? Refusals.unavailable(NO_ANSWER) : reply));
    }

    /**
     * Asks a session for the user's own sake: nothing is refused, and the session does not count as used.
     *
     * @param question makes what the session is told, given the ticket of its answer
     * @param onReply is called once, with null where the answer is no reply
     */
    void askUnbounded(
            SessionSlot slot, LongFunction<SessionProtocol.Command> question, Consumer<@Nullable Reply> onReply) {
        supervision.wake(slot).tell(question.apply(tickets.open(slot, onReply)));
    }

    /** Asks several sessions the same, as {@link #askUnbounded} does. */
    void askAll(List<SessionSlot> slots, SessionProtocol.Request request, Consumer<@Nullable Refused> onAllAnswered) {
        Gathering answers = new Gathering(slots.size(), onAllAnswered);
        slots.forEach(slot -> askUnbounded(slot, ticket -> new SessionProtocol.Handle(ticket, request), answers::add));
    }

    /** Asks sessions for their changes that are not in the layers; {@code onReply} is called once. */
    void collectChanges(List<SessionSlot> slots, Consumer<Reply> onReply) {
        Map<String, List<Long>> seqs = new HashMap<>();
        Gathering answers = new Gathering(
                slots.size(), refusal -> onReply.accept(refusal == null ? new UnflushedChanges(seqs) : refusal));
        slots.forEach(slot -> askUnbounded(slot, SessionActor.CollectChanges::new, reply -> {
            if (reply instanceof UnflushedChanges changes) {
                seqs.putAll(changes.seqs());
            }
            answers.add(reply);
        }));
    }

    /** Takes in what a session says of itself. One that was to stop and is not clean stays, and gets what waits for it. */
    void takeState(SessionSlot slot, SessionReport.@Nullable State state) {
        if (slot.actor == null || state == null) {
            return;
        }
        slot.update(state);
        supervision.countUnflushed(
                slot, state.watermarks().journaled() - state.watermarks().flushed());
        if (slot.stopping && !slot.clean) {
            slot.stopping = false;
            forwardWaiting(slot);
        }
    }

    /** Brings an answer to who asked. */
    void answer(long ticket, @Nullable Reply reply) {
        if (ticket != SessionReport.UNASKED) {
            tickets.close(ticket, reply);
        }
    }

    /** Answers for a session whose actor has ended. */
    void answerForEnded(SessionSlot slot, boolean failed) {
        tickets.closeAll(slot, failed ? Refusals.unavailable(NO_ANSWER) : null);
    }

    /** Passes on what waits for the session's next actor. */
    void forwardWaiting(SessionSlot slot) {
        while (!slot.waiting.isEmpty()) {
            SessionSlot.Waiting next = slot.waiting.remove();
            forward(slot, next.request(), next.onReply());
        }
    }

    /** Stops the session's actor after what is under way; what waits for the next one is refused. */
    void close(SessionSlot slot, Refused refusal) {
        slot.waiting.forEach(request -> request.onReply().accept(refusal));
        slot.waiting.clear();
        supervision.stop(slot);
    }

    /** Requests that sessions are working on. */
    int underWay() {
        return tickets.size();
    }
}
