package memfuse.actors.user;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import memfuse.actors.session.SessionReport;
import memfuse.protocol.user.UserProtocol.Reply;
import org.jspecify.annotations.Nullable;

/** The requests that sessions of a user are working on, each under a number. Not thread-safe. */
final class Tickets {
    private record Pending(SessionSlot slot, Consumer<@Nullable Reply> onReply) {}

    private final Map<Long, Pending> pending = new LinkedHashMap<>();
    private long last = SessionReport.UNASKED;

    /** Counts a request to the session; {@code onReply} is called once, with null where the answer is no reply. */
    long open(SessionSlot slot, Consumer<@Nullable Reply> onReply) {
        slot.inFlight++;
        pending.put(++last, new Pending(slot, onReply));
        return last;
    }

    /** Answers a request; nothing where it is answered already. */
    void close(long ticket, @Nullable Reply reply) {
        Pending answered = pending.remove(ticket);
        if (answered != null) {
            answered.slot().inFlight--;
            answered.onReply().accept(reply);
        }
    }

    /** Answers all that is under way at one session, because its actor has ended. */
    void closeAll(SessionSlot slot, @Nullable Reply reply) {
        List<Long> tickets = pending.entrySet().stream()
                .filter(entry -> entry.getValue().slot() == slot)
                .map(Map.Entry::getKey)
                .toList();
        tickets.forEach(ticket -> close(ticket, reply));
    }

    int size() {
        return pending.size();
    }
}
