package memfuse.actors.user;

import static java.util.Objects.requireNonNull;
import static memfuse.actors.user.UserStage.LIMIT;
import static memfuse.actors.user.UserStage.creation;
import static memfuse.actors.user.UserStage.round;
import static memfuse.actors.user.UserStage.session;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import memfuse.actors.user.UserStage.Answer;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.directory.Entity;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.Session;
import memfuse.protocol.session.SessionProtocol;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.testkit.StoreFaults;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.Appended;
import memfuse.protocol.user.UserProtocol.CreateSession;
import memfuse.protocol.user.UserProtocol.EraseSession;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.Query;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.RenameSession;
import memfuse.protocol.user.UserProtocol.Reply;
import memfuse.protocol.user.UserProtocol.Request;
import memfuse.protocol.user.UserProtocol.SessionStored;
import memfuse.protocol.user.UserProtocol.Wake;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.Test;

/** Sessions that are made, renamed and erased, and users that are erased. */
class UserErasureTest extends UserTestBase {
    private static final Refused GONE = new Refused(ErrorCode.NOT_FOUND, "Session with ID 's' not found", "session_id");

    @Test
    void makesASessionOnce() {
        UserStage stage = stage("s");
        assertThat(stage.ask(creation("s"))).isEqualTo(new SessionStored(session("s")));
        Session sameName = new Session("t", UserStage.USER, "agent", "name of s", UserStage.START, UserStage.START);
        assertThat(stage.ask(replyTo -> new CreateSession(sameName, replyTo)))
                .isEqualTo(new Refused(ErrorCode.DUPLICATE, "Session with name 'name of s' already exists", "name"));
        stage.append("s", "a", "one");
        assertThat(stage.ask("t", round("b", "two")))
                .isEqualTo(new Refused(ErrorCode.NOT_FOUND, "Session with ID 't' not found", "session_id"));
    }

    @Test
    void saysWhenASessionCannotBeStored() {
        UserStage stage = stage();
        Session ofNobody = new Session("s", "nobody", "agent", "name", UserStage.START, UserStage.START);
        assertThat(stage.ask(replyTo -> new CreateSession(ofNobody, replyTo)))
                .isEqualTo(new Refused(ErrorCode.UNAVAILABLE, "the store does not answer: no such user: nobody", null));
        stage.sessions("s");
    }

    @Test
    void renamesASession() {
        UserStage stage = stage("s", "t");
        Session renamed =
                new Session("s", UserStage.USER, "s-agent", "new", UserStage.START, UserStage.START.plusSeconds(1));
        assertThat(stage.ask(rename("s", "new"))).isEqualTo(new SessionStored(renamed));
        assertThat(stage.ask(rename("t", "new")))
                .isEqualTo(new Refused(ErrorCode.DUPLICATE, "Session with name 'new' already exists", "name"));
        assertThat(stage.ask(rename("v", "other")))
                .isEqualTo(new Refused(ErrorCode.NOT_FOUND, "Session with ID 'v' not found", "session_id"));
    }

    private static Function<ActorRef<Reply>, Request> rename(String sessionId, String name) {
        return replyTo -> new RenameSession(sessionId, name, UserStage.START.plusSeconds(1), replyTo);
    }

    @Test
    void renamesNoSessionOfAnotherUser() {
        UserStage stage = stage("s");
        stage.directory.create(EntityKind.USER, new Entity("other", "other", null, UserStage.START, UserStage.START));
        Session others = new Session("o", "other", "agent", "theirs", UserStage.START, UserStage.START);
        stage.directory.createSession(others);
        stage.send(rename("o", "stolen")).isRefused(ErrorCode.NOT_FOUND);
        assertThat(stage.directory.session("o")).hasValue(others);
    }

    @Test
    void namesHitsAfterTheLastOfSeveralRenamings() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.find(words("words"));
        stage.storeExecutor.hold();
        List<Answer> renamings = IntStream.range(0, 20)
                .mapToObj(i -> stage.send(rename("s", "name " + i)))
                .toList();
        stage.storeExecutor.release();
        renamings.forEach(answer -> answer.get(SessionStored.class));
        assertThat(stage.directory.session("s").orElseThrow().name()).isEqualTo("name 19");
        assertThat(stage.find(words("words")).hits())
                .extracting(hit -> requireNonNull(hit.session()).name())
                .containsExactly("name 19");
    }

    @Test
    void erasesASessionEverywhere() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "flushed words");
        stage.flushAll();
        stage.append("s", "b", "buffered words");
        stage.append("t", "c", "other words");
        assertThat(stage.found("words")).hasSize(3);
        assertThat(stage.find(words("words")).cached()).isTrue();

        int forgotten = stage.vectors.forgottenTexts();
        assertThat(stage.ask(erase("s"))).isEqualTo(new Erased("s"));
        assertThat(stage.vectors.forgottenQueries()).isEqualTo(1);
        assertThat(stage.vectors.forgottenTexts()).isGreaterThan(forgotten);
        assertThat(stage.found("words")).containsExactly("other words");
        assertThat(stage.ask("s", round("d", "late"))).isEqualTo(GONE);
        assertThat(stage.ask(erase("s"))).isEqualTo(GONE);
        assertThat(stage.ask(replyTo ->
                        new Query(new QueryRequest("words", "s", null, 5, StoreType.ALL, true, true), replyTo)))
                .isEqualTo(GONE);
        assertNothingIsLeft(stage, "s");
        stage.restart();
        assertThat(stage.found("words")).containsExactly("other words");
    }

    private static Function<ActorRef<Reply>, Request> erase(String sessionId) {
        return replyTo -> new EraseSession(sessionId, replyTo);
    }

    private static void assertNothingIsLeft(UserStage stage, String sessionId) {
        assertThat(stage.directory.session(sessionId)).isEmpty();
        assertThat(stage.storedIds(sessionId)).isEmpty();
        assertThat(stage.journal.events(SessionProtocol.persistenceId(sessionId)))
                .isEmpty();
    }

    @Test
    void erasesASessionWhoseFlushIsHeldAndWhoseAppendIsBeingJournaled() {
        UserStage stage = stage("s");
        stage.find(words("load"));
        StoreFaults.Hold flush = stage.layers.faults().holdFlushes();
        stage.append("s", "a", "flushing words");
        Answer flushed = stage.send("s", new FlushNow());
        flush.awaitFlush();
        stage.journal.holdWrites();
        Answer append = stage.send("s", round("b", "journaled words"));
        stage.ask(Wake::new);
        Answer erased = stage.send(erase("s"));
        Answer late = stage.send("s", round("c", "late"));
        assertThat(late.get()).isEqualTo(GONE);
        assertThat(stage.found("words")).isEmpty();

        stage.journal.releaseWrites();
        append.get();
        flushed.isRefused(ErrorCode.UNAVAILABLE);
        erased.get(Erased.class);
        flush.release();
        assertThat(stage.found("words")).isEmpty();
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void erasesASessionFromAnIndexThatIsBeingLoaded() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "flushed words");
        stage.append("t", "b", "other words");
        stage.flushAll();
        stage.append("s", "c", "buffered words");
        JournaledStore.Hold hold = stage.store.holdStreams();
        Answer query = stage.query(words("words"));
        hold.awaitStream();
        stage.send(erase("s")).get(Erased.class);
        hold.release();
        assertThat(UserStage.contents(query.get(Hits.class))).containsExactly("other words");
    }

    @Test
    void answersAQueryThatCollectsWhileASessionIsErased() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "erased words");
        stage.append("t", "b", "other words");
        stage.journal.holdWrites();
        Answer append = stage.send("s", round("c", "erased words as well"));
        stage.ask(Wake::new);
        Answer query = stage.query(words("words"));
        Answer erased = stage.send(erase("s"));
        stage.ask(Wake::new);
        stage.journal.releaseWrites();
        append.get();
        erased.get(Erased.class);
        assertThat(query.get(Hits.class).hits())
                .extracting(Hit::content)
                .contains("other words")
                .doesNotContain("erased words", "erased words as well");
    }

    @Test
    void keepsASessionThatTheStoreCouldNotErase() {
        UserStage stage = stage("s");
        stage.append("s", "a", "flushed words");
        stage.flushAll();
        stage.append("s", "b", "unflushed words");
        stage.store.failNextErasures(1);
        assertThat(stage.ask(erase("s")))
                .isEqualTo(new Refused(
                        ErrorCode.UNAVAILABLE, "the store does not answer: scripted: the erasure fails", null));

        assertThat(stage.found("words")).containsExactly("flushed words", "unflushed words");
        assertThat(stage.history("s")).containsExactly("flushed words", "unflushed words");
        stage.flushAll();
        assertThat(stage.store.isDirty("s")).isFalse();
        assertThat(stage.ask(erase("s"))).isEqualTo(new Erased("s"));
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void erasesASessionThatIsDownAfterAFailureAndStartsItNoMore() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.journal.failNextWrites(1);
        stage.send("s", round("b", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        stage.storeExecutor.hold();
        Answer erased = stage.send(erase("s"));
        stage.pass(Duration.ofSeconds(10));
        stage.storeExecutor.release();
        erased.get(Erased.class);
        assertThat(stage.awakeSessions()).isZero();
        stage.pass(Duration.ofSeconds(60));
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void erasesAUserEverywhere() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "one");
        stage.flushAll();
        stage.append("t", "b", "two");
        stage.find(words("one two"));
        Answer erased = stage.send(EraseUser::new);
        Answer late = stage.send("s", round("c", "late"));

        assertThat(erased.get()).isEqualTo(new Erased(UserStage.USER));
        assertThat(stage.vectors.forgottenQueries()).isEqualTo(1);
        assertThat(stage.vectors.forgottenTexts()).isPositive();
        Refused gone = new Refused(ErrorCode.NOT_FOUND, "User with ID 'u' not found", "user_id");
        assertThat(late.get()).isEqualTo(gone);
        assertThat(stage.ask(Wake::new)).isEqualTo(gone);
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        assertThat(stage.directory.find(EntityKind.USER, UserStage.USER)).isEmpty();
        assertNothingIsLeft(stage, "s");
        assertNothingIsLeft(stage, "t");
        stage.restart();
        assertThat(stage.ask("s", round("d", "later"))).isEqualTo(gone);
    }

    @Test
    void answersEverythingBeforeItErasesAUser() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.find(words("load"));
        stage.vectors.holdQueries();
        Answer query = stage.query(UserStage.everything("words"));
        stage.journal.holdWrites();
        Answer append = stage.send("s", round("b", "more words"));
        stage.ask(Wake::new);
        Answer erased = stage.send(EraseUser::new);
        stage.journal.releaseWrites();
        append.get(Appended.class);
        stage.vectors.queries();
        query.get(Hits.class);
        erased.get(Erased.class);
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void goesOnWhenTheStoreCouldNotEraseTheUser() {
        UserStage stage = stage("s", "failed");
        stage.append("s", "a", "unflushed words");
        stage.append("failed", "b", "other words");
        stage.journal.failNextWrites(1);
        stage.send("failed", round("c", "lost")).isRefused(ErrorCode.UNAVAILABLE);
        stage.store.failNextErasures(1);
        stage.send(EraseUser::new).isRefused(ErrorCode.UNAVAILABLE);

        assertThat(stage.found("words")).containsExactly("other words", "unflushed words");
        stage.append("failed", "c", "more");
        stage.flushAll();
        assertThat(stage.store.isDirty("s")).isFalse();
        assertThat(stage.ask(EraseUser::new)).isEqualTo(new Erased(UserStage.USER));
    }

    @Test
    void endsWhenItIsStoppedWhileItIsErased() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.storeExecutor.hold();
        Answer erased = stage.send(EraseUser::new);
        stage.user.tell(new UserActor.Stop());
        stage.storeExecutor.release();
        erased.get(Erased.class);
        stage.awaitEnd();
    }

    @Test
    void answersEverybodyWhoErasesTheSameSession() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.storeExecutor.hold();
        Answer first = stage.send(erase("s"));
        Answer second = stage.send(erase("s"));
        assertThat(stage.ask("s", round("b", "late"))).isEqualTo(GONE);
        second.isNotThere();
        stage.storeExecutor.release();
        assertThat(first.get()).isEqualTo(new Erased("s"));
        assertThat(second.get()).isEqualTo(new Erased("s"));
        assertThat(stage.ask(erase("s"))).isEqualTo(GONE);
    }

    @Test
    void tellsEverybodyThatASessionCouldNotBeErased() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.store.failNextErasures(1);
        stage.storeExecutor.hold();
        Answer first = stage.send(erase("s"));
        Answer second = stage.send(erase("s"));
        stage.ask(Wake::new);
        stage.storeExecutor.release();
        first.isRefused(ErrorCode.UNAVAILABLE);
        second.isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.history("s")).containsExactly("some words");
    }

    @Test
    void answersEverybodyWhoErasesTheSameUserOrASessionOfIt() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.storeExecutor.hold();
        Answer first = stage.send(EraseUser::new);
        Answer second = stage.send(EraseUser::new);
        Answer session = stage.send(erase("s"));
        stage.send("s", round("b", "late")).isRefused(ErrorCode.NOT_FOUND);
        second.isNotThere();
        stage.storeExecutor.release();
        assertThat(first.get()).isEqualTo(new Erased(UserStage.USER));
        assertThat(second.get()).isEqualTo(new Erased(UserStage.USER));
        assertThat(session.get()).isEqualTo(new Erased("s"));
        stage.send(EraseUser::new).isRefused(ErrorCode.NOT_FOUND);
    }

    @Test
    void tellsEverybodyThatAUserCouldNotBeErased() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.store.failNextErasures(1);
        stage.storeExecutor.hold();
        Answer first = stage.send(EraseUser::new);
        Answer session = stage.send(erase("s"));
        stage.send(Wake::new).isRefused(ErrorCode.NOT_FOUND);
        stage.storeExecutor.release();
        first.isRefused(ErrorCode.UNAVAILABLE);
        session.isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.history("s")).containsExactly("some words");
    }

    @Test
    void knowsASessionAsErasedWhoseErasureWasDoneAndReportedAsFailed() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "erased words");
        stage.append("t", "b", "other words");
        assertThat(stage.found("words")).hasSize(2);
        stage.store.loseNextErasure(() -> {});
        assertThat(stage.ask(erase("s"))).isEqualTo(new Erased("s"));
        assertThat(stage.ask("s", round("c", "late"))).isEqualTo(GONE);
        assertThat(stage.found("words")).containsExactly("other words");
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void hidesASessionUntilItIsKnownWhetherItIsErased() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "erased words");
        stage.append("t", "b", "other words");
        assertThat(stage.found("words")).hasSize(2);
        stage.store.loseNextErasure(() -> stage.directory.failNextReads(2));
        stage.send(erase("s")).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.ask("s", round("c", "late"))).isEqualTo(GONE);
        assertThat(stage.found("words")).containsExactly("other words");

        Answer again = stage.send(erase("s"));
        stage.ask(Wake::new);
        stage.pass(Erasures.DOUBT);
        again.isRefused(ErrorCode.UNAVAILABLE);
        Answer last = stage.send(erase("s"));
        stage.ask(Wake::new);
        stage.pass(Erasures.DOUBT);
        assertThat(last.get()).isEqualTo(new Erased("s"));
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void goesOnWithASessionThatIsFoundNotErasedInTheEnd() {
        UserStage stage = stage("s");
        stage.append("s", "a", "unflushed words");
        stage.store.failNextErasures(1);
        stage.directory.failNextReads(1);
        stage.send(erase("s")).isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.found("words")).isEmpty();
        stage.pass(Erasures.DOUBT);
        stage.awaitUntil(() -> stage.found("words").size(), 1);
        assertThat(stage.history("s")).containsExactly("unflushed words");
        stage.flushAll();
        assertThat(stage.store.isDirty("s")).isFalse();
    }

    @Test
    void knowsAUserAsErasedWhoseErasureWasDoneAndReportedAsFailed() {
        UserStage stage = stage("s");
        stage.append("s", "a", "one");
        stage.store.loseNextErasure(() -> stage.directory.failNextReads(1));
        stage.send(EraseUser::new).isRefused(ErrorCode.UNAVAILABLE);
        stage.send("s", round("b", "late")).isRefused(ErrorCode.NOT_FOUND);
        Answer again = stage.send(EraseUser::new);
        stage.send(Wake::new).isRefused(ErrorCode.NOT_FOUND);
        stage.pass(Erasures.DOUBT);
        assertThat(again.get()).isEqualTo(new Erased(UserStage.USER));
        assertThat(stage.passivations.receiveMessage(LIMIT)).isEqualTo(stage.user);
        assertNothingIsLeft(stage, "s");
    }

    @Test
    void stopsWhileItIsNotKnownWhetherTheUserIsErased() {
        UserStage stage = stage("s");
        stage.append("s", "a", "some words");
        stage.store.failNextErasures(1);
        stage.directory.failNextReads(1);
        stage.send(EraseUser::new).isRefused(ErrorCode.UNAVAILABLE);
        stage.restart();
        assertThat(stage.history("s")).containsExactly("some words");
    }
}
