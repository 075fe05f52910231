package memfuse.persistence.database;

import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.typed.EventAdapter;
import org.apache.pekko.persistence.typed.EventSeq;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;

/** An event-sourced actor that remembers lines; a line "flushed" is written with that manifest. */
final class Notebook extends EventSourcedBehavior<Notebook.Command, String, String> {

    static final String FLUSHED = "flushed";
    static final int SNAPSHOT_EVERY = 10;

    sealed interface Command {}

    /** Persists a line and then answers with all lines. */
    record Write(String line, ActorRef<String> replyTo) implements Command {}

    record Read(ActorRef<String> replyTo) implements Command {}

    private Notebook(String id) {
        super(PersistenceId.ofUniqueId(id));
    }

    static Behavior<Command> create(String id) {
        return new Notebook(id);
    }

    @Override
    public String emptyState() {
        return "";
    }

    @Override
    public CommandHandler<Command, String, String> commandHandler() {
        return newCommandHandlerBuilder()
                .forAnyState()
                .onCommand(
                        Write.class,
                        (lines, write) -> Effect()
                                .persist(write.line())
                                .thenRun((String newLines) -> write.replyTo().tell(newLines)))
                .onCommand(
                        Read.class,
                        (lines, read) -> Effect()
                                .none()
                                .thenRun((String same) -> read.replyTo().tell(lines)))
                .build();
    }

    @Override
    public EventHandler<String, String> eventHandler() {
        return (lines, line) -> lines + line + ";";
    }

    @Override
    public RetentionCriteria retentionCriteria() {
        return RetentionCriteria.snapshotEvery(SNAPSHOT_EVERY, 1).withDeleteEventsOnSnapshot();
    }

    @Override
    public EventAdapter<String, ?> eventAdapter() {
        return new EventAdapter<String, String>() {
            @Override
            public String toJournal(String event) {
                return event;
            }

            @Override
            public String manifest(String event) {
                return event.equals(FLUSHED) ? FLUSHED : "";
            }

            @Override
            public EventSeq<String> fromJournal(String event, String manifest) {
                return EventSeq.single(event);
            }
        };
    }
}
