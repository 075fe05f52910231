package memfuse.actors.user;

import static memfuse.actors.user.UserStage.contents;
import static memfuse.actors.user.UserStage.everything;
import static memfuse.actors.user.UserStage.words;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import memfuse.actors.user.UserStage.Answer;
import memfuse.actors.user.UserStage.Bounds;
import memfuse.protocol.ErrorCode;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.NewKnowledge;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import memfuse.protocol.user.Hit;
import memfuse.protocol.user.QueryRequest;
import memfuse.protocol.user.QueryRequest.StoreType;
import memfuse.protocol.user.UserProtocol.AddKnowledge;
import memfuse.protocol.user.UserProtocol.DeleteKnowledge;
import memfuse.protocol.user.UserProtocol.EraseUser;
import memfuse.protocol.user.UserProtocol.Erased;
import memfuse.protocol.user.UserProtocol.Hits;
import memfuse.protocol.user.UserProtocol.KnowledgeChanged;
import memfuse.protocol.user.UserProtocol.KnowledgeRead;
import memfuse.protocol.user.UserProtocol.ListKnowledge;
import memfuse.protocol.user.UserProtocol.ReadKnowledge;
import memfuse.protocol.user.UserProtocol.Refused;
import memfuse.protocol.user.UserProtocol.UpdateKnowledge;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A user's knowledge: written in one order, found at once, and found as it is now. */
class UserKnowledgeTest extends UserTestBase {
    private static final Instant LATER = UserStage.START.plusSeconds(1);

    private static NewKnowledge item(String id, String content) {
        return new NewKnowledge(id, content, 3);
    }

    private static Answer add(UserStage stage, NewKnowledge... items) {
        return stage.send(replyTo -> new AddKnowledge(List.of(items), UserStage.START, replyTo));
    }

    private static Answer add(UserStage stage, String id, String content) {
        return add(stage, item(id, content));
    }

    private static Answer update(UserStage stage, String id, String content) {
        return stage.send(replyTo -> new UpdateKnowledge(List.of(item(id, content)), LATER, replyTo));
    }

    private static Answer delete(UserStage stage, String... ids) {
        return stage.send(replyTo -> new DeleteKnowledge(List.of(ids), replyTo));
    }

    private static List<String> listed(UserStage stage) {
        return stage.send(replyTo -> new ListKnowledge(0, replyTo)).get(KnowledgeRead.class).items().stream()
                .map(KnowledgeItem::content)
                .toList();
    }

    private static QueryRequest byMeaning(String query) {
        return new QueryRequest(query, null, null, 100, StoreType.VECTOR, true, true);
    }

    /** The store gets what the backlog would bring it for everything that waits, and tells the user as the backlog does. */
    private static List<UnitVector> embedPending(UserStage stage) {
        List<UnitVector> vectors = stage.layers.pendingUnits(100, Set.of()).stream()
                .map(UserKnowledgeTest::embedded)
                .toList();
        stage.layers.storeVectors(vectors);
        stage.user.tell(new UserActor.VectorsStored(vectors));
        return vectors;
    }

    private static UnitVector embedded(PendingUnit unit) {
        return new UnitVector(unit.userId(), unit.key(), unit.embeddedText(), WordVectors.of(unit.embeddedText()));
    }

    @Test
    void findsAnItemWithTheFirstQueryAfterItsAnswerAndAsItIsNow() {
        UserStage stage = stage();
        assertThat(add(stage, item("k", "likes green tea"), item("l", "likes trains"))
                        .get())
                .isEqualTo(new KnowledgeChanged(List.of("k", "l")));
        assertThat(stage.found("likes")).containsExactly("likes green tea", "likes trains");

        assertThat(update(stage, "k", "likes black coffee").get()).isEqualTo(new KnowledgeChanged(List.of("k")));
        assertThat(stage.found("tea")).isEmpty();
        assertThat(stage.found("coffee")).containsExactly("likes black coffee");

        assertThat(delete(stage, "none", "k", "k").get()).isEqualTo(new KnowledgeChanged(List.of("k")));
        assertThat(stage.found("likes")).containsExactly("likes trains");
        assertThat(listed(stage)).containsExactly("likes trains");
        stage.restart();
        assertThat(stage.found("likes")).containsExactly("likes trains");
    }

    @Test
    void saysOfAHitWhatItIs() {
        UserStage stage = stage();
        add(stage, "k", "one tea|two tea|three").get(KnowledgeChanged.class);
        update(stage, "k", "one tea|two tea|four").get(KnowledgeChanged.class);

        Hit hit = stage.find(words("two tea")).hits().get(0);
        assertThat(stage.find(words("two tea")).hits()).hasSize(1);
        assertThat(hit.id()).isEqualTo("k");
        assertThat(hit.content()).isEqualTo("two tea");
        assertThat(hit.chunkNo()).isEqualTo(1);
        assertThat(hit.layer()).isEqualTo(Hit.Layer.KNOWLEDGE);
        assertThat(hit.session()).isNull();
        assertThat(hit.role()).isNull();
        assertThat(hit.createdAt()).isEqualTo(UserStage.START);
        assertThat(hit.updatedAt()).isEqualTo(LATER);
    }

    @Test
    void readsItemsEachOnceInTheOrderAsked() {
        UserStage stage = stage();
        add(stage, item("a", "1"), item("b", "2"), item("c", "3")).get(KnowledgeChanged.class);

        KnowledgeRead read = stage.send(replyTo -> new ReadKnowledge(List.of("c", "none", "a", "c"), 0, replyTo))
                .get(KnowledgeRead.class);
        assertThat(read.items()).extracting(KnowledgeItem::id).containsExactly("c", "a");
        assertThat(listed(stage)).containsExactly("1", "2", "3");
    }

    @Test
    void makesRememberedAnswersStale() {
        UserStage stage = stage();
        add(stage, "k", "likes tea").get(KnowledgeChanged.class);
        stage.find(words("likes"));
        assertThat(stage.find(words("likes")).cached()).isTrue();

        add(stage, "l", "likes trains").get(KnowledgeChanged.class);
        assertThat(contents(stage.find(words("likes")))).containsExactly("likes tea", "likes trains");
        stage.find(words("likes"));
        delete(stage, "k").get(KnowledgeChanged.class);
        Hits after = stage.find(words("likes"));
        assertThat(after.cached()).isFalse();
        assertThat(contents(after)).containsExactly("likes trains");
    }

    @Test
    void isFoundByMeaningOnceItIsEmbeddedAndNotByWhatItWasBefore() {
        UserStage stage = stage();
        stage.find(words("load"));
        add(stage, "k", "green tea").get(KnowledgeChanged.class);
        assertThat(stage.pendingPointedOut).hasValue(1);
        assertThat(stage.find(byMeaning("green tea")).hits()).isEmpty();
        List<UnitVector> old = embedPending(stage);
        assertThat(contents(stage.find(byMeaning("green tea")))).containsExactly("green tea");

        update(stage, "k", "black coffee").get(KnowledgeChanged.class);
        assertThat(stage.pendingPointedOut).hasValue(2);
        stage.user.tell(new UserActor.VectorsStored(old));
        assertThat(stage.find(byMeaning("green tea")).hits()).isEmpty();
        embedPending(stage);
        assertThat(contents(stage.find(byMeaning("black coffee")))).containsExactly("black coffee");
        stage.restart();
        assertThat(contents(stage.find(byMeaning("black coffee")))).containsExactly("black coffee");
    }

    /** Another node brings the store the embeddings and can tell no more than which units have one. */
    @Test
    void hearsOfEmbeddingsThatAnotherNodeStored() {
        UserStage stage = stage();
        add(stage, "k", "black coffee").get(KnowledgeChanged.class);
        stage.find(words("load"));
        List<UnitVector> vectors = stage.layers.pendingUnits(100, Set.of()).stream()
                .map(UserKnowledgeTest::embedded)
                .toList();
        stage.layers.storeVectors(vectors);
        assertThat(contents(stage.find(byMeaning("black coffee")))).isEmpty();

        stage.user.tell(new UserActor.StoredElsewhere(
                vectors.stream().map(UnitVector::key).toList()));
        kit.createTestProbe().awaitAssert(Duration.ofSeconds(10), () -> {
            assertThat(contents(stage.find(byMeaning("black coffee")))).containsExactly("black coffee");
            return null;
        });
    }

    @Test
    void takesAVectorThatIsThereBeforeTheIndexHeardOfItsText() {
        UserStage stage = stage();
        add(stage, "k", "green tea").get(KnowledgeChanged.class);
        stage.find(words("load"));
        stage.storeExecutor.hold();
        Answer updated = update(stage, "k", "black coffee");
        UnitKey key = UnitKey.ofKnowledge(UserStage.USER, 1, 0);
        stage.user.tell(new UserActor.VectorsStored(
                List.of(new UnitVector(UserStage.USER, key, "black coffee", WordVectors.of("black coffee")))));
        stage.storeExecutor.release();
        updated.get(KnowledgeChanged.class);

        assertThat(contents(stage.find(byMeaning("black coffee")))).containsExactly("black coffee");
    }

    @Test
    void knowsWhatChangedWhileTheIndexWasLoaded() {
        UserStage stage = stage("s");
        add(stage, item("k", "old words"), item("l", "gone words"), item("m", "other words"))
                .get(KnowledgeChanged.class);
        JournaledStore.Hold hold = stage.store.holdStreams();
        Answer query = stage.query(words("words"));
        hold.awaitStream();
        update(stage, "k", "new words").get(KnowledgeChanged.class);
        delete(stage, "l").get(KnowledgeChanged.class);
        add(stage, "n", "added words").get(KnowledgeChanged.class);
        embedPending(stage);
        hold.release();

        assertThat(contents(query.get(Hits.class))).containsExactly("added words", "new words", "other words");
        assertThat(contents(stage.find(byMeaning("new words")))).contains("new words", "added words");
    }

    @Test
    void loadsTheIndexAnewWhereNobodyKnowsWhetherAWriteWasDone() {
        UserStage stage = stage("s");
        stage.append("s", "a", "said words");
        add(stage, "k", "known words").get(KnowledgeChanged.class);
        assertThat(stage.found("words")).containsExactly("known words", "said words");
        stage.vectors.holdQueries();
        Answer underWay = stage.query(everything("words"));

        stage.layers.knowledge().loseAcknowledgements(1);
        delete(stage, "k").isRefused(ErrorCode.UNAVAILABLE);
        stage.vectors.queries();
        assertThat(contents(underWay.get(Hits.class))).containsExactly("said words");
        stage.layers.knowledge().loseAcknowledgements(1);
        add(stage, "l", "more words").isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.found("words")).containsExactly("more words", "said words");
        stage.layers.knowledge().failNext(1);
        update(stage, "l", "no words").isRefused(ErrorCode.UNAVAILABLE);
        assertThat(stage.found("words")).containsExactly("more words", "said words");
    }

    @Test
    void looksOnlyAtWhatAQueryAsksFor() {
        UserStage stage = stage("s", "t");
        stage.append("s", "a", "words here");
        stage.append("t", "b", "words there");
        add(stage, "k", "words known").get(KnowledgeChanged.class);
        embedPending(stage);
        for (StoreType type : List.of(StoreType.ALL, StoreType.KEYWORD, StoreType.VECTOR)) {
            for (int again = 0; again < 2; again++) { // from the cache as well
                assertThat(found(stage, null, type, true, true))
                        .as("%s", type)
                        .containsExactly("words here", "words known", "words there");
                assertThat(found(stage, null, type, false, true)).as("%s", type).containsExactly("words known");
                assertThat(found(stage, null, type, true, false))
                        .as("%s", type)
                        .containsExactly("words here", "words there");
                assertThat(found(stage, "s-agent", type, true, true))
                        .as("%s", type)
                        .containsExactly("words here", "words known");
                assertThat(found(stage, null, type, false, false))
                        .as("%s", type)
                        .isEmpty();
            }
        }
        assertThat(found(stage, null, StoreType.GRAPH, true, true)).isEmpty();
    }

    private static List<String> found(
            UserStage stage, @Nullable String agentId, StoreType type, boolean messages, boolean knowledge) {
        return contents(stage.find(new QueryRequest("some words", null, agentId, 100, type, messages, knowledge)));
    }

    @Test
    void ranksByMeaningAloneOrByWordsAlone() {
        UserStage stage = stage();
        String near = "alpha beta gamma?";
        String far = "alpha beta gamma delta epsilon zeta eta theta iota kappa and so on for a long time";
        add(stage, item("near", near), item("far", far)).get(KnowledgeChanged.class);
        embedPending(stage);

        assertThat(first(stage, StoreType.VECTOR, near)).isEqualTo("near");
        assertThat(first(stage, StoreType.KEYWORD, "kappa gamma")).isEqualTo("far");
    }

    private static String first(UserStage stage, StoreType type, String query) {
        return stage.find(new QueryRequest(query, null, null, 1, type, true, true))
                .hits()
                .get(0)
                .id();
    }

    @Test
    void refusesMoreThanAUserCanHave() {
        UserStage stage = stage(new Bounds(10, 2, 512, 10, new KnowledgeBounds(2, 10)));
        add(stage, item("a", "1234"), item("b", "5678")).get(KnowledgeChanged.class);

        assertThat(add(stage, "c", "9").get(Refused.class))
                .isEqualTo(new Refused(
                        ErrorCode.INVALID,
                        "insufficient capacity: maxItems=2, items=3, maxBytes=10, bytes=9",
                        "knowledge"));
        assertThat(update(stage, "a", "1234567").get(Refused.class).text())
                .isEqualTo("insufficient capacity: maxItems=2, items=2, maxBytes=10, bytes=11");
        assertThat(listed(stage)).containsExactly("1234", "5678");
        assertThat(stage.found("9")).isEmpty();
    }

    @Test
    void carriesOutWritesInTheirOrderAndRefusesTooManyAtOnce() {
        UserStage stage = stage(new Bounds(3, 2, 512, 10));
        stage.find(words("load"));
        stage.storeExecutor.hold();
        Answer added = add(stage, "k", "first words");
        Answer updated = update(stage, "k", "second words");
        Answer deleted = delete(stage, "k");
        Stream.of(add(stage, "l", "late"), stage.send(replyTo -> new ListKnowledge(0, replyTo)))
                .forEach(refused -> refused.isRefused(ErrorCode.OVERLOADED));
        stage.storeExecutor.release();

        Stream.of(added, updated, deleted)
                .forEach(answer -> assertThat(answer.get()).isEqualTo(new KnowledgeChanged(List.of("k"))));
        assertThat(listed(stage)).isEmpty();
        assertThat(stage.found("words")).isEmpty();
    }

    @Test
    void goesWithTheUser() {
        UserStage stage = stage();
        add(stage, "k", "words").get(KnowledgeChanged.class);
        stage.find(words("words"));
        stage.storeExecutor.hold();
        Answer underWay = add(stage, "l", "more words");
        Answer waiting = add(stage, "m", "late words");
        Answer erased = stage.send(EraseUser::new);
        waiting.isRefused(ErrorCode.NOT_FOUND);
        stage.storeExecutor.release();

        underWay.get(KnowledgeChanged.class);
        erased.get(Erased.class);
        assertThat(stage.layers.knowledge().list(UserStage.USER)).isEmpty();
        assertThat(stage.layers.pendingUnits(10, Set.of())).isEmpty();
        add(stage, "n", "words").isRefused(ErrorCode.NOT_FOUND);
    }
}
