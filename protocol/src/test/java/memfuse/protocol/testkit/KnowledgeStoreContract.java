package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import memfuse.protocol.knowledge.KnowledgeBounds;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeStore.Done;
import memfuse.protocol.knowledge.KnowledgeStore.NoSuchUser;
import memfuse.protocol.knowledge.KnowledgeStore.TooMuch;
import memfuse.protocol.knowledge.KnowledgeStore.Written;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.knowledge.SplitKnowledge;
import memfuse.protocol.knowledge.SplitKnowledge.Piece;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.junit.jupiter.api.Test;

/** What every {@link memfuse.protocol.knowledge.KnowledgeStore} keeps, beside a layer store over the same users. */
public abstract class KnowledgeStoreContract extends LayerStoreTestBase {
    private static final Instant T0 = Instant.parse("2026-01-02T03:04:05.123456Z");
    private static final Instant LATER = T0.plus(1, ChronoUnit.MICROS);
    protected static final KnowledgeBounds WIDE = new KnowledgeBounds(1000, 1 << 20);

    /** Adds items of these ids with contents of the same kind, each of one piece. */
    protected final Written add(String userId, String... ids) {
        return knowledge()
                .add(
                        userId,
                        Stream.of(ids).map(id -> item(id, "content of " + id)).toList(),
                        T0,
                        WIDE);
    }

    /** The contents of a user's items, in order. */
    protected final List<String> contents(String userId) {
        return knowledge().list(userId).stream().map(KnowledgeItem::content).toList();
    }

    protected static SplitKnowledge item(String id, String content, String... pieces) {
        List<String> texts = pieces.length == 0 ? List.of(content) : Arrays.asList(pieces);
        return new SplitKnowledge(
                id,
                content,
                texts.stream().map(text -> new Piece(text, text.length())).toList());
    }

    private static KnowledgeItem stored(String id, long number) {
        return new KnowledgeItem(id, number, "content of " + id, T0, T0);
    }

    private List<KnowledgeUnit> knowledgeUnits(String userId) {
        List<KnowledgeUnit> units = new ArrayList<>();
        knowledge().streamUnits(userId, units::add);
        return units;
    }

    private List<String> texts(String userId) {
        return knowledgeUnits(userId).stream()
                .map(unit -> unit.key().seq() + "/" + unit.key().chunkNo() + ": " + unit.text())
                .toList();
    }

    private static UnitVector vector(long number, String text, float[] vector) {
        return new UnitVector("u", UnitKey.ofKnowledge("u", number, 0), text, vector);
    }

    @Test
    void listsItemsInTheOrderOfTheirAddition() {
        user("u");
        assertThat(add("u", "z", "a")).isEqualTo(new Done(List.of(stored("z", 1), stored("a", 2))));
        Instant earlier = Instant.parse("0001-01-01T00:00:00.000001Z");
        knowledge().add("u", List.of(item("m", ANY_TEXT), item("n", "")), earlier, WIDE);

        assertThat(knowledge().list("u"))
                .containsExactly(
                        stored("z", 1),
                        stored("a", 2),
                        new KnowledgeItem("m", 3, ANY_TEXT, earlier, earlier),
                        new KnowledgeItem("n", 4, "", earlier, earlier));
        assertThat(knowledge().list("nobody")).isEmpty();
    }

    @Test
    void keepsTheItemsOfUsersApart() {
        user("u");
        user("v");
        add("u", "a", "b");
        add("v", "a");

        assertThat(knowledge().read("v", List.of("a", "b"))).containsExactly(stored("a", 1));
        assertThat(knowledge().update("v", List.of(item("b", "stolen")), LATER, WIDE))
                .isEqualTo(new Done(List.of()));
        assertThat(knowledge().delete("v", List.of("b"))).isEmpty();
        assertThat(contents("u")).containsExactly("content of a", "content of b");
        knowledge().delete("v", List.of("a"));
        assertThat(contents("u")).hasSize(2);
        assertThat(texts("u")).hasSize(2);
        assertThat(texts("v")).isEmpty();
    }

    @Test
    void readsThoseThatAreThere() {
        user("u");
        add("u", "a", "b", "c");

        assertThat(knowledge().read("u", List.of("c", "none", "a", "c")))
                .containsExactlyInAnyOrder(stored("a", 1), stored("c", 3));
        assertThat(knowledge().read("u", List.of())).isEmpty();
        assertThat(knowledge().read("nobody", List.of("a"))).isEmpty();
    }

    @Test
    void addsAnItemOnceHoweverOftenItIsRepeated() {
        user("u");
        add("u", "a");
        Done again = (Done) knowledge().add("u", List.of(item("b", "new"), item("a", "other")), LATER, WIDE);

        assertThat(again.items()).containsExactly(new KnowledgeItem("b", 2, "new", LATER, LATER), stored("a", 1));
        assertThat(texts("u")).containsExactly("1/0: content of a", "2/0: new");
        assertThat(knowledge().add("u", List.of(), T0, WIDE)).isEqualTo(new Done(List.of()));
    }

    @Test
    void writesNothingForAUserWhoIsNotThere() {
        assertThat(add("nobody", "a")).isEqualTo(new NoSuchUser());
        assertThat(knowledge().update("nobody", List.of(item("a", "x")), T0, WIDE))
                .isEqualTo(new NoSuchUser());
        assertThat(knowledge().delete("nobody", List.of("a"))).isEmpty();
        assertThat(store().pendingUnits(10, Set.of())).isEmpty();
    }

    @Test
    void boundsTheItemsOfAUser() {
        user("u");
        user("v");
        KnowledgeBounds three = new KnowledgeBounds(3, 1000);
        knowledge().add("u", List.of(item("a", "1"), item("b", "2")), T0, three);

        assertThat(knowledge().add("u", List.of(item("c", "3"), item("d", "4")), T0, three))
                .isEqualTo(new TooMuch(4, 4));
        assertThat(contents("u")).containsExactly("1", "2");
        assertThat(knowledge().add("u", List.of(item("c", "3"), item("a", "1")), T0, three))
                .isInstanceOf(Done.class);
        assertThat(knowledge().add("u", List.of(item("d", "4")), T0, three)).isEqualTo(new TooMuch(4, 4));
        assertThat(knowledge().add("v", List.of(item("d", "4")), T0, three)).isInstanceOf(Done.class);
        knowledge().delete("u", List.of("a"));
        assertThat(knowledge().add("u", List.of(item("d", "4")), T0, three)).isInstanceOf(Done.class);
        assertThat(contents("u")).containsExactly("2", "3", "4");
    }

    @Test
    void boundsTheBytesOfAUserInUtf8() {
        user("u");
        KnowledgeBounds tenBytes = new KnowledgeBounds(100, 10);
        knowledge().add("u", List.of(item("a", "é漢😀")), T0, tenBytes);

        assertThat(knowledge().add("u", List.of(item("b", "ab")), T0, tenBytes)).isEqualTo(new TooMuch(2, 11));
        assertThat(knowledge().add("u", List.of(item("b", "a")), T0, tenBytes)).isInstanceOf(Done.class);
        assertThat(knowledge().update("u", List.of(item("b", "ab")), T0, tenBytes))
                .isEqualTo(new TooMuch(2, 11));
        assertThat(knowledge().update("u", List.of(item("a", "short"), item("b", "long")), T0, tenBytes))
                .isInstanceOf(Done.class);
        assertThat(contents("u")).containsExactly("short", "long");
    }

    @Test
    void letsThatBecomeSmallerWhichIsBeyondTheBounds() {
        user("u");
        add("u", "a", "b");
        KnowledgeBounds narrow = new KnowledgeBounds(1, 5);

        assertThat(knowledge().update("u", List.of(item("a", "smaller")), T0, narrow))
                .isInstanceOf(Done.class);
        assertThat(add("u", "a")).isInstanceOf(Done.class);
        assertThat(knowledge().add("u", List.of(item("a", "there")), T0, narrow))
                .isInstanceOf(Done.class);
        assertThat(contents("u")).containsExactly("smaller", "content of b");
    }

    @Test
    void updatesThoseThatAreThere() {
        user("u");
        add("u", "a", "b", "c");
        Done done = (Done) knowledge()
                .update(
                        "u",
                        List.of(item("c", "first"), item("none", "x"), item("a", "new a"), item("c", "last")),
                        LATER,
                        WIDE);

        assertThat(done.items())
                .containsExactlyInAnyOrder(
                        new KnowledgeItem("a", 1, "new a", T0, LATER), new KnowledgeItem("c", 3, "last", T0, LATER));
        assertThat(knowledge().list("u"))
                .containsExactly(
                        new KnowledgeItem("a", 1, "new a", T0, LATER),
                        stored("b", 2),
                        new KnowledgeItem("c", 3, "last", T0, LATER));
        assertThat(texts("u")).containsExactly("1/0: new a", "2/0: content of b", "3/0: last");
        assertThat(knowledge().update("u", List.of(), LATER, WIDE)).isEqualTo(new Done(List.of()));
    }

    @Test
    void deletesThoseThatAreThereAndTellsTheirNumbers() {
        user("u");
        add("u", "a", "b", "c");

        assertThat(knowledge().delete("u", List.of("c", "none", "a", "c"))).isEqualTo(Map.of("a", 1L, "c", 3L));
        assertThat(knowledge().delete("u", List.of("a"))).isEmpty();
        assertThat(knowledge().delete("u", List.of())).isEmpty();
        assertThat(contents("u")).containsExactly("content of b");
        assertThat(texts("u")).containsExactly("2/0: content of b");
    }

    @Test
    void streamsThePiecesOfAllItemsInOrder() {
        user("u");
        knowledge()
                .add(
                        "u",
                        List.of(item("b", "one two", "one", " two"), item("a", "whole"), nothingToSearch("e")),
                        T0,
                        WIDE);
        KnowledgeItem first = new KnowledgeItem("b", 1, "one two", T0, T0);

        assertThat(knowledgeUnits("u"))
                .containsExactly(
                        new KnowledgeUnit(UnitKey.ofKnowledge("u", 1, 0), first, "one", 3, null),
                        new KnowledgeUnit(UnitKey.ofKnowledge("u", 1, 1), first, " two", 4, null),
                        new KnowledgeUnit(
                                UnitKey.ofKnowledge("u", 2, 0),
                                new KnowledgeItem("a", 2, "whole", T0, T0),
                                "whole",
                                5,
                                null));
        assertThatThrownBy(() -> knowledge().streamUnits("u", unit -> {
                    throw new IllegalStateException("full");
                }))
                .hasMessage("full");
    }

    private static SplitKnowledge nothingToSearch(String id) {
        return new SplitKnowledge(id, " ", List.of());
    }

    @Test
    void streamsMoreUnitsThanAreReadAtATime() {
        user("u");
        knowledge()
                .add(
                        "u",
                        IntStream.range(0, 450)
                                .mapToObj(i -> item("i" + i, "text " + i))
                                .toList(),
                        T0,
                        WIDE);

        assertThat(texts("u"))
                .containsExactlyElementsOf(IntStream.range(0, 450)
                        .mapToObj(i -> i + 1 + "/0: text " + i)
                        .toList());
    }

    @Test
    void letsUnitsWaitForAnEmbeddingAmongThoseOfMessages() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        knowledge().add("u", List.of(item("a", "one two", "one", " two")), T0, WIDE);
        flush(flushOf("u", "s").after(1).append(2).upTo(2));

        PendingUnit first = new PendingUnit("u", new UnitKey("s", 1, 0), "content 1");
        PendingUnit second = new PendingUnit("u", UnitKey.ofKnowledge("u", 1, 0), "one");
        PendingUnit third = new PendingUnit("u", UnitKey.ofKnowledge("u", 1, 1), " two");
        PendingUnit fourth = new PendingUnit("u", new UnitKey("s", 2, 0), "content 2");
        assertThat(store().pendingUnits(10, Set.of())).startsWith(first).endsWith(fourth);
        assertThat(store().pendingUnits(10, Set.of())).contains(second, third).hasSize(4);
        assertThat(store().pendingUnits(2, Set.of(first.key(), second.key()))).containsExactly(third, fourth);
    }

    @Test
    void completesAUnitOnceAndOnlyWithTheVectorOfItsText() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        add("u", "a", "b");
        float[] vector = {1f, -0f, Float.MIN_VALUE, 0.1f};
        float[] other = {0f, 1f, 0f, 0f};
        store().storeVectors(List.of(
                vector(1, "content of a", vector),
                new UnitVector("u", new UnitKey("s", 1, 0), "content 1", other),
                vector(2, "another text", other),
                vector(9, "gone", other)));
        store().storeVectors(List.of(vector(1, "content of a", other)));

        assertThat(knowledgeUnits("u")).extracting(KnowledgeUnit::vector).containsExactly(vector, null);
        assertThat(units("u").get(0).vector()).isEqualTo(other);
        assertThat(pendingTexts()).containsExactly("content of b");
    }

    @Test
    void letsAnUpdatedItemWaitForItsNewVector() {
        user("u");
        add("u", "a");
        store().storeVectors(List.of(vector(1, "content of a", new float[] {1f})));
        knowledge().update("u", List.of(item("a", "changed")), LATER, WIDE);

        assertThat(pendingTexts()).containsExactly("changed");
        assertThat(knowledgeUnits("u")).extracting(KnowledgeUnit::vector).containsOnlyNulls();
        store().storeVectors(List.of(vector(1, "content of a", new float[] {1f})));
        assertThat(pendingTexts()).containsExactly("changed");
        knowledge().delete("u", List.of("a"));
        assertThat(pendingTexts()).isEmpty();
    }

    @Test
    void isErasedWithTheUser() {
        session("u", "s");
        user("v");
        add("u", "a");
        add("v", "b");
        store().eraseSession("u", "s");
        assertThat(contents("u")).hasSize(1);

        store().eraseUser("u");
        assertThat(contents("u")).isEmpty();
        assertThat(texts("u")).isEmpty();
        assertThat(pendingTexts()).containsExactly("content of b");
        assertThat(add("u", "c")).isEqualTo(new NoSuchUser());
        user("u");
        assertThat(add("u", "c")).isEqualTo(new Done(List.of(stored("c", 1))));
    }
}
