package memfuse.protocol.testkit;

import static memfuse.protocol.testkit.FlushBuilder.EPOCH;
import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.facts.ExtractedFact;
import memfuse.protocol.facts.Fact;
import memfuse.protocol.facts.FactBatch;
import memfuse.protocol.facts.FactQuery;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;

/** What every {@link memfuse.protocol.facts.FactStore} keeps: what waits for facts, facts, and which of them hold. */
public abstract class FactStoreContract extends LayerStoreTestBase {
    private static final String EXTRACTOR = "test/1";
    private static final FactQuery CURRENT = new FactQuery(null, false, 100);
    private static final FactQuery ALL = new FactQuery(null, true, 100);

    @Test
    void letsFlushedMessagesWaitInTheirOrder() {
        session("u", "s");
        assertThat(facts().firstWaiting("s")).isEmpty();
        flush(flushOf("u", "s").append(1, 2, 3, 4, 5));
        assertThat(facts().firstWaiting("s")).hasValue(1);

        FactBatch first = next(3);
        assertThat(first)
                .isEqualTo(new FactBatch("u", "s", List.of(message(1), message(2), message(3)), 0, 3, List.of()));
        store(first);
        assertThat(facts().firstWaiting("s")).hasValue(4);
        FactBatch second = next(3);
        assertThat(second).isEqualTo(new FactBatch("u", "s", List.of(message(4), message(5)), 3, 5, List.of()));
        store(second);
        assertThat(waiting(3)).isEmpty();
        assertThat(facts().firstWaiting("s")).isEmpty();
    }

    @Test
    void makesBatchesOfSoManyTokens() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));

        FactBatch two = facts().waiting(1, 10, 7, Set.of()).get(0);
        assertThat(seqsOf(two)).containsExactly(1L, 2L);
        assertThat(two.upToSeq()).isEqualTo(2);
        assertThat(seqsOf(facts().waiting(1, 10, 1, Set.of()).get(0))).containsExactly(1L);
    }

    @Test
    void goesPastMessagesThatAreGone() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        flush(flushOf("u", "s").after(3).delete(2, 3).upTo(4));

        FactBatch batch = next(10);
        assertThat(seqsOf(batch)).containsExactly(1L);
        assertThat(batch.upToSeq()).isEqualTo(3);
        store(batch);
        assertThat(waiting(10)).isEmpty();
    }

    @Test
    void takesSessionsThatWaitLongestFirst() {
        for (String session : List.of("c", "a", "b")) {
            session("u", session);
            flush(flushOf("u", session).append(1, 2));
        }
        flush(flushOf("u", "c").after(2).append(3).upTo(3));

        assertThat(sessionsThatWait(Set.of())).containsExactly("c", "a", "b");
        assertThat(sessionsThatWait(Set.of("a"))).containsExactly("c", "b");
        store(facts().waiting(1, 1, 100, Set.of()).get(0));
        assertThat(sessionsThatWait(Set.of())).containsExactly("a", "b", "c");
        assertThat(facts().waiting(2, 10, 100, Set.of())).hasSize(2);
    }

    @Test
    void keepsFactsWithAllTheySay() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        Instant from = Instant.parse("2023-05-06T00:00:00Z");
        Instant to = Instant.parse("2023-05-07T00:00:00Z");
        ExtractedFact fact =
                new ExtractedFact(ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT, List.of(3L, 1L), from, to, 0.25);
        store(next(10), fact);

        assertThat(facts().facts("u", CURRENT))
                .containsExactly(new Fact(
                        fact.idIn("s"),
                        "s",
                        ANY_TEXT,
                        ANY_TEXT,
                        ANY_TEXT,
                        ANY_TEXT,
                        List.of(new Fact.Evidence("m1", 1), new Fact.Evidence("m3", 3)),
                        EPOCH.plusSeconds(3),
                        from,
                        to,
                        null,
                        0.25,
                        EXTRACTOR));
    }

    @Test
    void leavesTheSameRowsWhenABatchIsRepeated() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        FactBatch batch = next(10);
        store(batch, lives("Lisbon", 1));
        store(batch, lives("Lisbon", 1));

        assertThat(objects("u", ALL)).containsExactly("Lisbon");
        assertThat(waiting(10)).isEmpty();
    }

    @Test
    void letsTheNewestSaidHold() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        store(next(10), lives("Lisbon", 1), lives("Porto", 3), likes("tea", 2), likes("coffee", 3));

        assertThat(objects("u", CURRENT)).containsExactlyInAnyOrder("Porto", "coffee", "tea");
        Map<String, Fact> byObject =
                facts().facts("u", ALL).stream().collect(Collectors.toMap(Fact::object, fact -> fact));
        assertThat(byObject.get("Lisbon"))
                .extracting(Fact::validFrom, Fact::validTo, Fact::supersededBy)
                .containsExactly(
                        EPOCH.plusSeconds(1),
                        EPOCH.plusSeconds(3),
                        lives("Porto", 3).idIn("s"));
        assertThat(byObject.get("Porto"))
                .extracting(Fact::validTo, Fact::supersededBy)
                .containsExactly(null, null);
    }

    @Test
    void letsTheNewestSaidHoldInWhateverOrderItComes() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(7), flushOf("u", "t").append(2));
        store(batchOf("s"), lives("Porto", 7));
        store(batchOf("t"), lives("Lisbon", 2));

        assertThat(objects("u", CURRENT)).containsExactly("Porto");
        assertThat(objects("u", ALL)).containsExactly("Porto", "Lisbon");
    }

    @Test
    void tellsWhatHeldAtATime() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        ExtractedFact visit = new ExtractedFact(
                "ann",
                "went to",
                "Faro",
                "I went to Faro.",
                "went to Faro",
                List.of(2L),
                EPOCH.minusSeconds(100),
                EPOCH.minusSeconds(50),
                1);
        store(next(10), lives("Lisbon", 1), lives("Porto", 3), visit);

        assertThat(objects("u", at(EPOCH.minusSeconds(101)))).isEmpty();
        assertThat(objects("u", at(EPOCH.minusSeconds(100)))).containsExactly("Faro");
        assertThat(objects("u", at(EPOCH.minusSeconds(50)))).isEmpty();
        assertThat(objects("u", at(EPOCH.plusSeconds(1)))).containsExactly("Lisbon");
        assertThat(objects("u", at(EPOCH.plusSeconds(3)))).containsExactly("Porto");
        assertThat(objects("u", at(Instant.parse("2999-01-01T00:00:00Z")))).containsExactly("Porto");
    }

    @Test
    void givesTheLastSaidFirstAndNoMoreThanAsked() {
        session("u", "s");
        session("v", "t");
        flush(flushOf("u", "s").append(1, 2, 3), flushOf("v", "t").append(1));
        store(batchOf("s"), likes("a", 1), likes("c", 3), likes("b", 2));
        store(batchOf("t"), likes("d", 1));

        assertThat(objects("u", CURRENT)).containsExactly("c", "b", "a");
        assertThat(objects("u", new FactQuery(null, false, 2))).containsExactly("c", "b");
        assertThat(objects("v", CURRENT)).containsExactly("d");
        assertThat(objects("nobody", CURRENT)).isEmpty();
    }

    @Test
    void forgetsTheFactsOfAChangedMessageAndWaitsForItsOthers() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        store(next(10), likes("tea", 1), likes("coffee", 2), together("milk", 1, 3));
        flush(flushOf("u", "s").after(3).update(edited(1, "no tea")).upTo(4));

        assertThat(objects("u", ALL)).containsExactly("coffee");
        assertThat(facts().firstWaiting("s")).hasValue(1);
        FactBatch again = next(10);
        assertThat(again).isEqualTo(new FactBatch("u", "s", List.of(edited(1, "no tea")), 3, 3, List.of(1L)));
        store(again, likes("water", 1));
        assertThat(objects("u", ALL)).containsExactlyInAnyOrder("coffee", "water");
        assertThat(waiting(10)).isEmpty();
    }

    @Test
    void takesSoManyChangedMessagesAtATime() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        store(next(10));
        flush(flushOf("u", "s")
                .after(3)
                .update(edited(1, "one"))
                .update(edited(2, "two"))
                .update(edited(3, "three"))
                .append(4)
                .upTo(5));

        assertThat(seqsOf(next(2))).containsExactly(1L, 2L);
        store(next(2));
        assertThat(seqsOf(next(2))).containsExactly(3L);
        store(next(2));
        assertThat(seqsOf(next(2))).containsExactly(4L);
        store(next(2));
        assertThat(waiting(2)).isEmpty();
    }

    @Test
    void forgetsTheFactsOfARemovedMessageSoThatTheOlderHoldsAgain() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));
        store(next(10), lives("Lisbon", 1), lives("Porto", 2));
        flush(flushOf("u", "s").after(2).delete(2).upTo(3));

        assertThat(facts().facts("u", ALL))
                .extracting(Fact::object, Fact::validTo, Fact::supersededBy)
                .containsExactly(Assertions.tuple("Lisbon", null, null));
    }

    @Test
    void keepsNoFactOfAMessageThatChangedMeanwhile() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        FactBatch read = next(10);
        flush(flushOf("u", "s")
                .after(3)
                .update(edited(2, "other"))
                .delete(3)
                .append(4)
                .upTo(6));
        store(read, likes("tea", 1), likes("old", 2), likes("gone", 3), together("both", 1, 2));

        assertThat(objects("u", ALL)).containsExactly("tea");
        FactBatch again = next(10);
        assertThat(again).isEqualTo(new FactBatch("u", "s", List.of(edited(2, "other")), 3, 3, List.of(2L)));
        store(again);
        assertThat(seqsOf(next(10))).containsExactly(4L);
    }

    @Test
    void goesBackWhenTheEndOfASessionIsWrittenAnew() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        store(next(10), likes("tea", 1), likes("coffee", 3));
        FactBatch stale = new FactBatch("u", "s", List.of(message(4)), 3, 4, List.of());
        flush(flushOf("u", "s").after(1).append(2, 3, 4).upTo(5));
        store(stale, likes("stale", 4));

        assertThat(objects("u", ALL)).containsExactly("tea");
        assertThat(seqsOf(next(10))).containsExactly(2L, 3L, 4L);
    }

    @Test
    void erasesFactsWithTheirSession() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2), flushOf("u", "t").append(1));
        FactBatch late = batchOf("s").first(1);
        store(batchOf("s").first(1), likes("tea", 1));
        store(batchOf("t"), likes("coffee", 1));
        store().eraseSession("u", "s");
        store(late, likes("late", 1));

        assertThat(objects("u", ALL)).containsExactly("coffee");
        assertThat(waiting(10)).isEmpty();
        assertThat(facts().firstWaiting("s")).isEmpty();
        assertThat(directory().erasure("s").map(ErasureReceipt::counts).orElseThrow())
                .containsEntry("m2", 1L);
    }

    @Test
    void erasesFactsWithTheirUser() {
        session("u", "s");
        session("u", "t");
        session("v", "w");
        flush(
                flushOf("u", "s").append(1),
                flushOf("u", "t").append(1),
                flushOf("v", "w").append(1));
        store(batchOf("s"), likes("tea", 1), likes("milk", 1));
        store(batchOf("w"), likes("coffee", 1));
        store().eraseUser("u");

        assertThat(objects("u", ALL)).isEmpty();
        assertThat(objects("v", ALL)).containsExactly("coffee");
        assertThat(waiting(10)).isEmpty();
        assertThat(directory().erasure("u").map(ErasureReceipt::counts).orElseThrow())
                .containsEntry("m2", 2L);
    }

    private static FactQuery at(Instant time) {
        return new FactQuery(time, false, 100);
    }

    private List<FactBatch> waiting(int messages) {
        return facts().waiting(10, messages, 1_000_000, Set.of());
    }

    private FactBatch next(int messages) {
        return waiting(messages).get(0);
    }

    private FactBatch batchOf(String sessionId) {
        return waiting(100).stream()
                .filter(batch -> batch.sessionId().equals(sessionId))
                .findFirst()
                .orElseThrow();
    }

    private List<String> sessionsThatWait(Set<String> except) {
        return facts().waiting(10, 10, 100, except).stream()
                .map(FactBatch::sessionId)
                .toList();
    }

    private void store(FactBatch batch, ExtractedFact... found) {
        facts().store(batch, List.of(found), EXTRACTOR);
    }

    private List<String> objects(String userId, FactQuery query) {
        return facts().facts(userId, query).stream().map(Fact::object).toList();
    }

    private static List<Long> seqsOf(FactBatch batch) {
        return batch.messages().stream().map(Message::seq).toList();
    }

    private static ExtractedFact lives(String where, long seq) {
        return new ExtractedFact(
                "ann", "lives in", where, "I live in " + where, "lives in", List.of(seq), null, null, 0.9);
    }

    private static ExtractedFact likes(String what, long seq) {
        return together(what, seq);
    }

    private static ExtractedFact together(String what, long... seqs) {
        return new ExtractedFact(
                "ann",
                "likes",
                what,
                "I like " + what,
                "likes " + what,
                Stream.of(seqs).flatMap(all -> Arrays.stream(all).boxed()).toList(),
                null,
                null,
                0.9);
    }

    /** Message {@code seq} with other content, changed an hour later. */
    private static Message edited(long seq, String content) {
        Instant said = EPOCH.plusSeconds(seq);
        return new Message("m" + seq, seq, Role.USER, null, content, said, said.plus(Duration.ofHours(1)), null, 3);
    }
}
