package memfuse.actors.retrieval;

import static memfuse.actors.retrieval.Units.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import memfuse.actors.retrieval.SearchRequest.Mode;
import memfuse.protocol.knowledge.KnowledgeItem;
import memfuse.protocol.knowledge.KnowledgeUnit;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import org.junit.jupiter.api.Test;

class MemoryIndexTest {
    private static final float[] EAST = {1, 0, 0};
    private static final float[] NORTH = {0, 1, 0};
    private static final float[] UP = {0, 0, 1};

    private final MemoryIndex index = new MemoryIndex(3, FusionWeights.DEFAULTS);

    private List<String> found(String query) {
        return ids(index.search(SearchRequest.of(query, null, 10)));
    }

    private static List<String> ids(List<ScoredUnit> hits) {
        return hits.stream().map(hit -> hit.unit().messageId()).toList();
    }

    private void addPets() {
        index.add(unit("a", 1, "My cat sleeps on the sofa"), EAST);
        index.add(unit("a", 2, "The dog barks at the postman"), NORTH);
        index.add(unit("b", 1, "Parrots can talk"), UP);
    }

    @Test
    void findsNothingInAnEmptyIndex() {
        assertThat(found("anything")).isEmpty();
        assertThat(index.size()).isZero();
    }

    @Test
    void findsByWordsAtOnce() {
        index.add(unit("a", 1, "My cat sleeps on the sofa"), null);
        index.add(unit("a", 2, "Fine."), null);
        index.add(unit("b", 1, "Parrots can talk"), null);
        assertThat(found("sleeping cats").get(0)).isEqualTo("a-1");
        assertThat(found("zebra")).isEmpty();
    }

    @Test
    void findsByMeaningWhereNoWordIsShared() {
        addPets();
        List<ScoredUnit> hits = index.search(SearchRequest.of("hound", new float[] {0.1f, 0.99f, 0.1f}, 2));
        assertThat(ids(hits).get(0)).isEqualTo("a-2");
        assertThat(hits.get(0).similarity()).isGreaterThan(0.9);
        assertThat(hits).hasSize(2);
    }

    @Test
    void scoresFallAlongTheHits() {
        addPets();
        List<ScoredUnit> hits = index.search(SearchRequest.of("dog", NORTH, 10));
        assertThat(hits).hasSize(3);
        assertThat(hits)
                .extracting(ScoredUnit::score)
                .isSortedAccordingTo(java.util.Comparator.reverseOrder())
                .allMatch(score -> score >= 0 && score <= 1);
    }

    @Test
    void prefersHitsOfSeveralSessions() {
        assertThat(nearest(0, session -> true)).containsExactly("a-1", "a-2", "a-3", "b-1");
        assertThat(nearest(0.5, session -> true)).containsExactly("a-1", "b-1", "a-2", "a-3");
        assertThat(nearest(0.5, "a"::equals)).containsExactly("a-1", "a-2", "a-3");
    }

    /** The nearest to the east of messages that point there, the three of one session more than the one of another. */
    private static List<String> nearest(double spread, Predicate<String> sessions) {
        MemoryIndex index = new MemoryIndex(3, new FusionWeights(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, spread));
        index.add(unit("a", 1, "one"), new float[] {1, 0, 0});
        index.add(unit("a", 2, "two"), new float[] {0.99f, 0.14f, 0});
        index.add(unit("a", 3, "three"), new float[] {0.98f, 0.2f, 0});
        index.add(unit("b", 1, "four"), new float[] {0.97f, 0.24f, 0});
        index.add(unit("b", 2, "five"), UP);
        int wanted = sessions.test("b") ? 4 : 3;
        return ids(index.search(new SearchRequest("query", EAST, wanted, Mode.ALL, sessions, source -> true)));
    }

    @Test
    void addsAUnitOnce() {
        assertThat(index.add(unit("a", 1, "first words"), null)).isTrue();
        assertThat(index.add(unit("a", 1, "first words"), EAST)).isFalse();
        assertThat(index.add(unit("a", 1, "other words"), NORTH)).isFalse();
        assertThat(index.size()).isEqualTo(1);
        assertThat(index.hasVector(new UnitKey("a", 1, 0))).isTrue();
        assertThat(found("first")).containsExactly("a-1");
        assertThat(found("other")).isEmpty();
        assertThat(index.search(SearchRequest.of("x", EAST, 1)).get(0).similarity())
                .isEqualTo(1);
    }

    @Test
    void takesTheVectorOfTheTextItHas() {
        IndexedUnit unit = unit("a", 1, 0, "Ann", "cat");
        index.add(unit, null);
        assertThat(index.setVector(unit.key(), "cat", EAST)).isFalse();
        assertThat(index.hasVector(unit.key())).isFalse();
        assertThat(index.setVector(unit.key(), "Ann: cat", EAST)).isTrue();
        assertThat(index.hasVector(unit.key())).isTrue();
        assertThat(index.setVector(new UnitKey("a", 2, 0), "Ann: cat", EAST)).isFalse();
    }

    @Test
    void refusesVectorsOfAnotherModel() {
        index.add(unit("a", 1, "cat"), null);
        assertThatThrownBy(() -> index.setVector(new UnitKey("a", 1, 0), "cat", new float[2]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> index.search(SearchRequest.of("cat", new float[2], 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void replacesAMessage() {
        addPets();
        Message edited = new Message(
                "a-2", 2, Role.USER, null, "The fox howls", Units.START, Units.START.plusSeconds(99), null, 4);
        index.replaceMessage(
                "a", 2, List.of(new MemoryUnit(new UnitKey("a", 2, 0), edited, edited.content(), 4, null)));
        assertThat(found("barks")).isEmpty();
        assertThat(found("howling fox").get(0)).isEqualTo("a-2");
        assertThat(index.hasVector(new UnitKey("a", 2, 0))).isFalse();
        assertThat(index.size()).isEqualTo(3);
    }

    @Test
    void forgetsMessagesAndSessions() {
        addPets();
        assertThat(index.removeMessage("a", 1)).isEqualTo(1);
        assertThat(index.removeMessage("a", 1)).isZero();
        assertThat(index.removeMessage("x", 1)).isZero();
        assertThat(found("cat")).isEmpty();
        assertThat(index.removeSession("b")).isEqualTo(1);
        assertThat(index.removeSession("b")).isZero();
        assertThat(ids(index.search(SearchRequest.of("parrot", UP, 10)))).containsExactly("a-2");
        index.clear();
        assertThat(index.size()).isZero();
    }

    @Test
    void findsAnAnswerByTheWordsBeforeIt() {
        index.add(unit("a", 1, "Where did you go for your honeymoon, Bob?"), null);
        index.add(unit("a", 2, "We flew to Lisbon and stayed for ten days"), null);
        for (int seq = 3; seq < 40; seq++) {
            index.add(unit("a", seq, "Something about the weather, number " + seq), null);
        }
        assertThat(found("honeymoon").subList(0, 2)).containsExactlyInAnyOrder("a-1", "a-2");
    }

    @Test
    void prefersTheSpeakerWhomTheQueryNames() {
        for (int seq = 1; seq <= 20; seq++) {
            index.add(unit("a", seq, 0, seq % 2 == 0 ? "Ann" : "Bob", "I really like hiking in the hills"), null);
        }
        List<ScoredUnit> hits = index.search(SearchRequest.of("Why does Ann like to hike?", null, 5));
        assertThat(hits).allSatisfy(hit -> assertThat(hit.unit().name()).isEqualTo("Ann"));
        List<ScoredUnit> both = index.search(SearchRequest.of("Why do Ann and Bob like to hike?", null, 2));
        assertThat(both).extracting(hit -> hit.unit().name()).containsExactlyInAnyOrder("Ann", "Bob");
    }

    @Test
    void findsALongMessageOnceByItsBestUnit() {
        index.add(unit("a", 1, 0, null, "The first part is about gardens and roses."), EAST);
        index.add(unit("a", 1, 1, null, "The second part is about engines and pistons."), NORTH);
        index.add(unit("a", 1, 2, null, "The third part is about engines as well."), NORTH);
        index.add(unit("a", 2, "Ok"), UP);
        index.add(unit("a", 3, "Fine"), UP);
        List<ScoredUnit> hits = index.search(SearchRequest.of("pistons of engines", NORTH, 10));
        assertThat(ids(hits)).containsExactlyInAnyOrder("a-1", "a-2", "a-3").startsWith("a-1");
        assertThat(hits.get(0).unit().key().chunkNo()).isEqualTo(1);
        assertThat(hits.get(0).otherChunks()).containsExactly(2);
        assertThat(index.removeMessage("a", 1)).isEqualTo(3);
    }

    @Test
    void searchesSomeSessionsOnly() {
        addPets();
        SearchRequest onlyB = new SearchRequest("cat", EAST, 10, Mode.ALL, "b"::equals, source -> true);
        assertThat(ids(index.search(onlyB))).containsExactly("b-1");
        SearchRequest none = new SearchRequest("cat", EAST, 10, Mode.ALL, session -> false, source -> true);
        assertThat(index.search(none)).isEmpty();
    }

    @Test
    void searchesByMeaningOrWordsAlone() {
        addPets();
        index.add(unit("c", 1, "A dog without a vector"), null);
        SearchRequest byMeaning = new SearchRequest("dog", EAST, 10, Mode.VECTOR, session -> true, source -> true);
        assertThat(ids(index.search(byMeaning)).get(0)).isEqualTo("a-1");
        assertThat(ids(index.search(byMeaning))).hasSize(3).doesNotContain("c-1");
        SearchRequest byWords = new SearchRequest("parrots", EAST, 10, Mode.KEYWORD, session -> true, source -> true);
        assertThat(ids(index.search(byWords))).containsExactly("b-1");
        SearchRequest withoutVector = new SearchRequest("dog", null, 10, Mode.VECTOR, session -> true, source -> true);
        assertThat(index.search(withoutVector)).isEmpty();
    }

    @Test
    void searchesSomeSourcesOnly() {
        addPets();
        IndexedUnit fact = new IndexedUnit(
                new UnitKey("knowledge", 1, 0),
                UnitSource.KNOWLEDGE,
                "k-1",
                Role.SYSTEM,
                null,
                "The user's cat is called Tom",
                Units.START,
                Units.START,
                7);
        index.add(fact, EAST);
        assertThat(found("cat")).contains("k-1", "a-1");
        SearchRequest facts =
                new SearchRequest("cat", null, 10, Mode.ALL, session -> true, source -> source == UnitSource.KNOWLEDGE);
        assertThat(ids(index.search(facts))).containsExactly("k-1");
        SearchRequest messages =
                new SearchRequest("cat", null, 10, Mode.ALL, session -> true, source -> source == UnitSource.MESSAGE);
        assertThat(ids(index.search(messages))).doesNotContain("k-1").startsWith("a-1");
    }

    @Test
    void replacesKnowledgeWithAllItsPieces() {
        KnowledgeItem item = new KnowledgeItem("k", 3, "one two", Units.START, Units.START);
        index.add(knowledge(item, 0, "old cat"));
        index.add(knowledge(item, 1, "old dog"));
        index.replaceKnowledge("u", List.of(3L), List.of(knowledge(item, 0, "new cat")));

        assertThat(found("cat")).containsExactly("k");
        assertThat(found("dog")).isEmpty();
        index.replaceKnowledge("u", List.of(3L), List.of());
        assertThat(index.size()).isZero();
    }

    private static KnowledgeUnit knowledge(KnowledgeItem item, int piece, String text) {
        return new KnowledgeUnit(UnitKey.ofKnowledge("u", item.number(), piece), item, text, 2, null);
    }

    @Test
    void listsTheFirstOfAnOrder() {
        for (int seq = 1; seq <= 5; seq++) {
            index.add(unit("a", seq, "text " + seq), null);
            index.add(unit("b", seq, "text " + seq), null);
        }
        Comparator<IndexedUnit> byNumber =
                Comparator.comparingLong(unit -> unit.key().seq());
        MemoryIndex.Page page = index.page("a"::equals, unit -> unit.key().seq() != 4, byNumber.reversed(), 2);
        assertThat(page.units()).extracting(IndexedUnit::messageId).containsExactly("a-5", "a-3");
        assertThat(page.total()).isEqualTo(4);
        assertThat(index.page("none"::equals, unit -> true, byNumber, 2)).isEqualTo(new MemoryIndex.Page(List.of(), 0));
    }

    @Test
    void answersAbsurdRequests() {
        addPets();
        assertThat(index.search(SearchRequest.of("cat", EAST, 0))).isEmpty();
        assertThat(index.search(SearchRequest.of("cat", EAST, -5))).isEmpty();
        assertThat(index.search(SearchRequest.of("cat", EAST, Integer.MAX_VALUE)))
                .hasSize(3);
        assertThat(index.search(SearchRequest.of("", null, 5))).isEmpty();
        assertThat(index.search(SearchRequest.of("\uD800 \u0000 👩‍👩‍👧", EAST, 5)))
                .hasSize(3);
        assertThat(index.search(SearchRequest.of("word ".repeat(200_000), EAST, 5)))
                .hasSize(3);
        assertThat(index.search(SearchRequest.of("the of and", null, 5))).isEmpty();
    }

    @Test
    void putsEqualHitsInTheOrderOfTheirTimes() {
        for (int seq = 1; seq <= 8; seq++) {
            index.add(unit("a", seq, "the same words again"), null);
        }
        assertThat(found("same words again"))
                .containsSubsequence("a-8", "a-7", "a-6")
                .startsWith("a-8");
    }

    @Test
    void leavesRoomForTheAnswerBesideARepeatedQuestion() {
        for (int seq = 1; seq <= 30; seq++) {
            index.add(unit("q" + seq, 1, "What is the name of my dog?"), null);
        }
        index.add(unit("a", 1, "By the way, the name of my dog is Rex"), null);
        assertThat(found("What is the name of my dog?"))
                .hasSize(10)
                .startsWith("q9-1")
                .contains("a-1");
        assertThat(found("What is the name of my dog?").get(3)).isEqualTo("a-1");
    }

    @Test
    void findsOtherScripts() {
        index.add(unit("a", 1, "我们昨天去了公园"), null);
        index.add(unit("a", 2, "Мы ездили в Москву на поезде"), null);
        index.add(unit("a", 3, "nous avons mangé des crêpes"), null);
        index.add(unit("a", 4, "😀😀"), null);
        index.add(unit("a", 5, "filler"), null);
        assertThat(found("公园").get(0)).isEqualTo("a-1");
        assertThat(found("москву").get(0)).isEqualTo("a-2");
        assertThat(found("CRÊPES").get(0)).isEqualTo("a-3");
        assertThat(found("😀😀").get(0)).isEqualTo("a-4");
    }

    @Test
    void staysSmall() {
        Random random = new Random(1);
        MemoryIndex large = new MemoryIndex(384, FusionWeights.DEFAULTS);
        for (int seq = 1; seq <= 5_000; seq++) {
            large.add(unit("a", seq, Units.text(random)), Units.vector(random, 384));
        }
        assertThat(large.heapBytes() / large.size()).isBetween(1_536L, 2_560L);
        for (int seq = 1; seq <= 4_900; seq++) {
            large.removeMessage("a", seq);
        }
        assertThat(large.size()).isEqualTo(100);
        assertThat(large.heapBytes()).isLessThan(1_500_000);
    }
}
