package memfuse.persistence.store;

import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.session.SessionProtocol.Event;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;

/** An event-sourced actor that remembers every event it saw, replayed or new. */
final class EventLog extends EventSourcedBehavior<EventLog.Persist, Event, List<Event>> {
    /** Persists the events and answers with all that were seen. */
    record Persist(List<Event> events, ActorRef<Seen> replyTo) {}

    /** @param lastSequenceNr the journal's number of the last event */
    record Seen(List<Event> events, long lastSequenceNr) {}

    private final ActorContext<Persist> context;

    private EventLog(ActorContext<Persist> context, String persistenceId) {
        super(PersistenceId.ofUniqueId(persistenceId));
        this.context = context;
    }

    static Behavior<Persist> create(String persistenceId) {
        return Behaviors.setup(context -> new EventLog(context, persistenceId));
    }

    @Override
    public List<Event> emptyState() {
        return List.of();
    }

    @Override
    public CommandHandler<Persist, Event, List<Event>> commandHandler() {
        return newCommandHandlerBuilder()
                .forAnyState()
                .onCommand(
                        Persist.class,
                        (events, command) -> Effect()
                                .persist(command.events())
                                .thenRun((List<Event> all) ->
                                        command.replyTo().tell(new Seen(all, lastSequenceNumber(context)))))
                .build();
    }

    @Override
    public EventHandler<List<Event>, Event> eventHandler() {
        return (events, event) -> {
            List<Event> all = new ArrayList<>(events);
            all.add(event);
            return List.copyOf(all);
        };
    }
}
