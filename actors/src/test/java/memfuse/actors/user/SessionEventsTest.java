package memfuse.actors.user;

import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import memfuse.actors.user.UserStage.Answer;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.session.SessionEvent;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EventsRead;
import memfuse.protocol.user.UserProtocol.ReadEvents;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What listeners of a session are told, and what those who come back are told of what they missed. */
class SessionEventsTest extends UserTestBase {
    private static final Duration WAIT = Duration.ofSeconds(8);

    @Test
    void tellsWhatBecomesOfMessages() {
        UserStage stage = stage("s");
        String start = head(stage, "s");
        stage.append("s", "a", "one");
        stage.append("s", "b", "two");
        stage.delete("s", "a");
        stage.flushAll();

        List<SessionEvent> events = readUntil(stage, "s", start, SessionEvent.Type.FLUSHED);
        assertThat(events)
                .filteredOn(event -> event.type() == SessionEvent.Type.APPENDED)
                .extracting(SessionEvent::messageIds)
                .containsExactly(List.of("a"), List.of("b"));
        assertThat(events)
                .filteredOn(event -> event.type() == SessionEvent.Type.DELETED)
                .extracting(SessionEvent::messageIds, SessionEvent::seqs)
                .containsExactly(tuple(List.of("a"), List.of(1L)));
        assertThat(events)
                .filteredOn(event -> event.type() == SessionEvent.Type.INDEXED)
                .flatExtracting(SessionEvent::seqs)
                .contains(1L, 2L);
        SessionEvent last = events.get(events.size() - 1);
        assertThat(last.watermarks().flushed()).isEqualTo(2);
        assertThat(events).extracting(SessionEvent::type).contains(SessionEvent.Type.TRANSFERRED);
        assertThat(events).extracting(SessionEvent::id).doesNotHaveDuplicates();
    }

    @Test
    void holdsTheAnswerUntilSomethingHappens() {
        UserStage stage = stage("s", "t");
        String start = head(stage, "s");
        Answer waiting = read(stage, "s", start);
        stage.append("t", "x", "elsewhere");
        waiting.isNotThere();
        stage.append("s", "a", "one");

        assertThat(waiting.get(EventsRead.class).events())
                .first()
                .extracting(SessionEvent::type, SessionEvent::messageIds)
                .containsExactly(SessionEvent.Type.APPENDED, List.of("a"));
    }

    @Test
    void answersEmptyWhenTheTimeIsOver() {
        UserStage stage = stage("s");
        String start = head(stage, "s");
        Answer waiting = read(stage, "s", start);
        stage.history("s");
        stage.pass(WAIT);

        assertThat(waiting.get(EventsRead.class)).isEqualTo(new EventsRead(List.of(), start));
        stage.append("s", "a", "one");
        assertThat(readUntil(stage, "s", start, SessionEvent.Type.APPENDED))
                .first()
                .extracting(SessionEvent::messageIds)
                .isEqualTo(List.of("a"));
    }

    @Test
    void tellsWhoComesBackWhatHappenedMeanwhile() {
        UserStage stage = stage("s");
        String start = head(stage, "s");
        stage.append("s", "a", "one");
        List<SessionEvent> first = readUntil(stage, "s", start, SessionEvent.Type.APPENDED);
        stage.append("s", "b", "two");

        String seen = first.get(0).id();
        assertThat(readUntil(stage, "s", seen, SessionEvent.Type.APPENDED))
                .filteredOn(event -> event.type() == SessionEvent.Type.APPENDED)
                .extracting(SessionEvent::messageIds)
                .containsExactly(List.of("b"));
    }

    @Test
    void saysThatTooMuchWasMissed() {
        UserStage stage = stage("s");
        String start = head(stage, "s");
        for (int i = 0; i < EventLog.MAX_EVENTS; i++) {
            stage.append("s", "m" + i, "text");
        }
        long journaled = EventLog.MAX_EVENTS;

        EventsRead read = read(stage, "s", start).get(EventsRead.class);
        assertThat(read.events()).hasSize(1);
        assertThat(read.events().get(0).type()).isEqualTo(SessionEvent.Type.RESET);
        assertThat(read.events().get(0).watermarks().journaled()).isEqualTo(journaled);
    }

    @Test
    void saysThatTooMuchWasMissedAfterARestart() {
        UserStage stage = stage("s");
        String start = head(stage, "s");
        stage.append("s", "a", "one");
        stage.crash();

        EventsRead read = read(stage, "s", start).get(EventsRead.class);
        assertThat(read.events()).extracting(SessionEvent::type).containsExactly(SessionEvent.Type.RESET);
        Watermarks known = read.events().get(0).watermarks();
        assertThat(known.journaled()).isEqualTo(1);
        stage.append("s", "b", "two");
        assertThat(readUntil(stage, "s", read.lastId(), SessionEvent.Type.APPENDED))
                .filteredOn(event -> event.type() == SessionEvent.Type.APPENDED)
                .extracting(SessionEvent::messageIds)
                .containsExactly(List.of("b"));
    }

    @Test
    void takesNoIdOfAnotherKindForOneOfItsOwn() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        String start = head(stage, "s");
        for (String id : List.of("", "7", "x-1", start + "9999999999999999999", start.replace("-0", "--1"))) {
            assertThat(read(stage, "s", id).get(EventsRead.class).events())
                    .as(id)
                    .extracting(SessionEvent::type)
                    .containsExactly(SessionEvent.Type.RESET);
        }
    }

    @Test
    void refusesWhoWaitsWhenTheSessionIsErased() {
        UserStage stage = stage("s");
        Answer waiting = read(stage, "s", head(stage, "s"));
        stage.send(replyTo -> new EraseSession("s", replyTo));

        waiting.isRefused(ErrorCode.NOT_FOUND);
        read(stage, "s", null).isRefused(ErrorCode.NOT_FOUND);
    }

    @Test
    void refusesWhoWaitsWhenTheUserMoves() {
        UserStage stage = stage("s");
        Answer waiting = read(stage, "s", head(stage, "s"));
        stage.stop();

        waiting.isRefused(ErrorCode.UNAVAILABLE);
    }

    @Test
    void boundsWhoWaits() {
        UserStage stage = stage(new Bounds(10, 2, 512, 10));
        stage.sessions("s");
        String start = head(stage, "s");
        List<Answer> waiting = List.of(read(stage, "s", start), read(stage, "s", start));

        read(stage, "s", start).isRefused(ErrorCode.OVERLOADED);
        stage.send("s", round("a", "one")).get(Appended.class);
        waiting.forEach(answer -> answer.get(EventsRead.class));
    }

    private static Answer read(UserStage stage, String sessionId, @Nullable String afterId) {
        return stage.send(replyTo -> new ReadEvents(sessionId, afterId, WAIT, replyTo));
    }

    private static String head(UserStage stage, String sessionId) {
        return read(stage, sessionId, null).get(EventsRead.class).lastId();
    }

    /** The events after one, up to the first of this type at the least. */
    private static List<SessionEvent> readUntil(
            UserStage stage, String sessionId, String afterId, SessionEvent.Type type) {
        List<SessionEvent> events = new ArrayList<>();
        String last = afterId;
        while (events.stream().noneMatch(event -> event.type() == type)) {
            EventsRead read = read(stage, sessionId, last).get(EventsRead.class);
            events.addAll(read.events());
            last = read.lastId();
        }
        return events;
    }
}
