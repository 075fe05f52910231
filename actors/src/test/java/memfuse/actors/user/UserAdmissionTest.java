package memfuse.actors.user;

import static memfuse.actors.user.UserStage.LIMIT;
import static memfuse.actors.user.UserStage.round;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import memfuse.actors.user.UserStage.Answer;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.ToSession;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Test;

/** How much a user takes at a time. */
class UserAdmissionTest extends UserTestBase {
    @Test
    void boundsWhatIsUnderWayForASession() {
        UserStage stage = stage(new Bounds(10, 2, 512, 10));
        stage.sessions("s", "t");
        stage.journal.holdWrites();
        Answer first = stage.send("s", round("a", "one"));
        Answer second = stage.send("s", round("b", "two"));

        assertThat(stage.ask("s", round("c", "three")))
                .isEqualTo(new Refused(ErrorCode.OVERLOADED, "insufficient capacity: sessionMaxInFlight=2", null));
        Answer elsewhere = stage.send("t", round("d", "four"));
        stage.ask(Wake::new);
        stage.journal.releaseWrites();
        List.of(first, second, elsewhere).forEach(answer -> answer.get(Appended.class));
        stage.append("s", "c", "three");
        assertThat(stage.history("s")).containsExactly("one", "two", "three");
    }

    @Test
    void boundsWhatIsUnderWayForAUser() {
        UserStage stage = stage(new Bounds(3, 3, 512, 10));
        stage.sessions("s", "t");
        stage.journal.holdWrites();
        List<Answer> admitted = List.of(
                stage.send("s", round("a", "one")),
                stage.send("s", round("b", "two")),
                stage.send("t", round("c", "three")));

        assertThat(stage.ask("t", round("d", "four")))
                .isEqualTo(new Refused(ErrorCode.OVERLOADED, "insufficient capacity: userMaxInFlight=3", null));
        stage.journal.releaseWrites();
        admitted.forEach(answer -> answer.get(Appended.class));
        stage.append("t", "d", "four");
    }

    @Test
    void boundsQueriesThatWaitForTheIndexAndForEmbeddings() {
        UserStage stage = stage(new Bounds(2, 2, 512, 10));
        stage.sessions("s");
        stage.storeExecutor.hold();
        List<Answer> waiting = List.of(stage.query(UserStage.words("one")), stage.query(UserStage.words("two")));
        stage.query(UserStage.words("three")).isRefused(ErrorCode.OVERLOADED);
        stage.storeExecutor.release();
        waiting.forEach(answer -> answer.get());

        stage.vectors.holdQueries();
        Answer byMeaning = stage.query(UserStage.everything("four"));
        Answer another = stage.query(UserStage.everything("five"));
        assertThat(stage.ask(replyTo -> new Query(UserStage.everything("six"), replyTo)))
                .isEqualTo(new Refused(ErrorCode.OVERLOADED, "insufficient capacity: userMaxInFlight=2", null));
        stage.vectors.queries();
        byMeaning.get();
        another.get();
        stage.find(UserStage.everything("six"));
    }

    @Test
    void boundsSessionsThatAreBeingMade() {
        UserStage stage = stage(new Bounds(2, 2, 512, 10));
        stage.storeExecutor.hold();
        List<Answer> admitted = List.of(stage.send(UserStage.creation("s")), stage.send(UserStage.creation("t")));
        stage.send(UserStage.creation("v")).isRefused(ErrorCode.OVERLOADED);
        stage.storeExecutor.release();
        admitted.forEach(answer -> answer.get());
        stage.sessions("v");
    }

    @Test
    void answersAFloodCompletely() {
        UserStage stage = stage(new Bounds(1024, 64, 100_000, 10));
        stage.sessions("s");
        TestProbe<Reply> replies = stage.kit.createTestProbe();
        int flood = 10_000;
        for (int i = 0; i < flood; i++) {
            stage.user.tell(new ToSession("s", round("m" + i, "message " + i), replies.getRef()));
        }

        List<String> appended = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < flood; i++) {
            Reply reply = replies.receiveMessage(LIMIT);
            if (reply instanceof Appended done) {
                appended.addAll(done.messageIds());
            } else {
                assertThat(((Refused) reply).code()).isEqualTo(ErrorCode.OVERLOADED);
                refused++;
            }
        }
        assertThat(appended.size() + refused).isEqualTo(flood);
        assertThat(appended).hasSizeGreaterThanOrEqualTo(64).doesNotHaveDuplicates();
        stage.flushAll();
        assertThat(stage.storedIds("s")).isEqualTo(new TreeSet<>(appended));
        stage.append("s", "last", "afterwards");
    }
}
