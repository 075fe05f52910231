package memfuse.actors.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import memfuse.actors.turns.UserTurns;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.flush.FlushProtocol;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.Handle;
import memfuse.protocol.session.SessionProtocol.ReadHistory;
import memfuse.protocol.session.SessionProtocol.Request;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import memfuse.protocol.user.UserProtocol.Reply;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.ManualTime;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * A session's actor between fakes. What it says to its user and to the flush coordinator comes to one probe, in the
 * order in which it says it; so a report that was asked for proves that nothing else was said before.
 */
final class SessionStage {
    /** How long to wait for what must come. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final ActorTestKit kit;
    private final TestProbe<Object> outside;
    private final List<Object> heard = new ArrayList<>();
    private final SettingsDraft settings;
    private long lastTicket;

    /** How often the session said that messages wait for their facts. */
    final AtomicInteger timesFlushed = new AtomicInteger();

    final TestJournal journal;
    final ManualTime time;
    final InMemoryLayerStore store;
    final FakeEmbedder embedder = new FakeEmbedder();
    final HeldExecutor storeExecutor = new HeldExecutor();
    ActorRef<SessionProtocol.Command> session;

    /** An actor system with this journal and a clock that the test moves. */
    static ActorTestKit kit(TestJournal journal) {
        return ActorTestKit.create(journal.config()
                .withFallback(ManualTime.config())
                .withFallback(ConfigFactory.parseString("pekko.loglevel = OFF"))
                .withFallback(ConfigFactory.load()));
    }

    /** A new session in an empty journal. */
    SessionStage(ActorTestKit kit, TestJournal journal, SettingsDraft settings) {
        this.kit = kit;
        this.journal = journal;
        this.settings = settings;
        journal.clear();
        this.time = ManualTime.get(kit.system());
        this.outside = kit.createTestProbe();
        InMemoryDirectory directory = new InMemoryDirectory();
        directory.create(EntityKind.USER, new Entity(Samples.USER, Samples.USER, null, Samples.NOW, Samples.NOW));
        directory.createSession(new Session(Samples.SESSION, Samples.USER, "agent", "name", Samples.NOW, Samples.NOW));
        store = new InMemoryLayerStore(directory, true);
        store.onReplaced(journal::replace);
        session = spawn();
    }

    private ActorRef<SessionProtocol.Command> spawn() {
        return kit.spawn(SessionActor.create(
                Samples.USER,
                Samples.SESSION,
                outside.getRef(),
                new SessionServices(
                        settings.build(),
                        store,
                        new UserTurns(storeExecutor, 100),
                        Samples.SPLITTER,
                        embedder,
                        outside.getRef().narrow(),
                        new StoredFacts())));
    }

    /** Stops the session as its user's actor would and starts it anew. */
    void restart() {
        session.tell(new SessionActor.Stop());
        awaitEnd();
        session = spawn();
    }

    /** Starts the session anew after it has ended by itself. */
    void startAnew() {
        awaitEnd();
        session = spawn();
    }

    void awaitEnd() {
        outside.expectTerminated(session, LIMIT);
        heard.clear();
    }

    void close() {
        kit.stop(session, LIMIT);
    }

    long send(Request request) {
        session.tell(new Handle(++lastTicket, request));
        return lastTicket;
    }

    /** The answer to a request that was sent. */
    Reply answer(long ticket) {
        SessionReport report = report(ticket);
        assertThat(report.reply()).isNotNull();
        return report.reply();
    }

    /** Sends a request and waits for its answer. */
    Reply ask(Request request) {
        return answer(send(request));
    }

    /** The report with this ticket. */
    SessionReport report(long ticket) {
        return (SessionReport) hear(said -> said instanceof SessionReport report && report.ticket() == ticket);
    }

    /** All that is journaled and not stored; also a proof that nothing was said beyond what was heard until then. */
    SessionReport collect() {
        session.tell(new SessionActor.CollectUnits(++lastTicket));
        return report(lastTicket);
    }

    /** The state but for M1 and M2, which a session asks the store for after its start and hears of some time. */
    SessionReport.State stateOfM0() {
        SessionReport.State state = Objects.requireNonNull(collect().state());
        Watermarks marks = state.watermarks();
        return new SessionReport.State(
                new Watermarks(marks.journaled(), marks.transferred(), marks.flushed(), 0), state.clean());
    }

    /** Lets time pass, once the session has done what it was told and has set its timers. */
    void pass(Duration elapsed) {
        collect();
        time.timePasses(elapsed);
    }

    List<Message> history() {
        return history(false);
    }

    List<Message> history(boolean bufferOnly) {
        return ((MessagesRead) ask(new ReadHistory(new HistoryRequest(100, SortBy.TIMESTAMP, false, bufferOnly))))
                .messages();
    }

    List<String> contents() {
        return history().stream().map(Message::content).toList();
    }

    /** The next flush that the session submits. */
    FlushProtocol.Submit submitted() {
        return (FlushProtocol.Submit) hear(said -> said instanceof FlushProtocol.Submit);
    }

    /** Whether the session has submitted a flush that was not awaited. */
    boolean hasSubmitted() {
        collect();
        return heard.stream().anyMatch(said -> said instanceof FlushProtocol.Submit);
    }

    /** What the session said and nobody awaited; nothing is left of it then. */
    List<Object> unasked() {
        collect();
        List<Object> unasked = List.copyOf(heard);
        heard.clear();
        return unasked;
    }

    Object hear(Predicate<Object> wanted) {
        for (Object said : heard) {
            if (wanted.test(said)) {
                heard.remove(said);
                return said;
            }
        }
        Object said = outside.receiveMessage(LIMIT);
        while (!wanted.test(said)) {
            heard.add(said);
            said = outside.receiveMessage(LIMIT);
        }
        return said;
    }

    void write(FlushProtocol.Submit submit) {
        store.flush(List.of(submit.flush()));
    }

    void acknowledge(FlushProtocol.Submit submit) {
        submit.replyTo()
                .tell(new FlushProtocol.FlushStored(
                        submit.flush().sessionId(), submit.flush().upToJournalSeq()));
    }

    /** Does what the flush workers do when all goes well. */
    void store(FlushProtocol.Submit submit) {
        write(submit);
        acknowledge(submit);
    }

    /** The next flush is submitted and stored. */
    void storeNext() {
        store(submitted());
    }

    NavigableMap<Long, Object> events() {
        return journal.events(Samples.PERSISTENCE_ID);
    }

    /** The session's rows of M0. */
    List<String> stored() {
        return store
                .history(
                        Samples.SESSION,
                        Long.MAX_VALUE,
                        List.of(),
                        new HistoryRequest(100, SortBy.TIMESTAMP, false, false))
                .stream()
                .map(Message::content)
                .toList();
    }

    /** The contents that {@link Samples#round} gives messages with these ids. */
    static List<String> contentsOf(String... ids) {
        return Arrays.stream(ids).map(id -> "content of " + id).toList();
    }

    /** M2 of the store, which is told of nothing. */
    private final class StoredFacts implements FactLayer {
        @Override
        public OptionalLong firstWaiting(String sessionId) {
            return store.facts().firstWaiting(sessionId);
        }

        @Override
        public void messagesFlushed() {
            timesFlushed.incrementAndGet();
        }

        @Override
        public List<Fact> current(String userId) {
            throw new UnsupportedOperationException("a session asks for no facts");
        }
    }
}
