package memfuse.protocol.testkit;

import static memfuse.protocol.testkit.FlushBuilder.message;
import static memfuse.protocol.testkit.FlushBuilder.unit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import memfuse.protocol.memory.HistoryRequest;
import memfuse.protocol.memory.HistoryRequest.SortBy;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.BacklogShare;
import memfuse.protocol.store.Bounded;
import memfuse.protocol.store.PendingUnit;
import memfuse.protocol.store.UnitVector;
import org.junit.jupiter.api.Test;

/** What every {@link memfuse.protocol.store.LayerStore} keeps when it is read, and when embeddings come late. */
public abstract class LayerReadsContract extends LayerStoreTestBase {
    @Test
    void readsPagesInTheOrderOfTheRequest() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        Random random = new Random(seed);
        session("u", "s");
        session("u", "other");
        FlushBuilder flush = flushOf("u", "s");
        List<Message> all = new ArrayList<>();
        for (int seq = 1; seq <= 60; seq++) {
            Message message = randomMessage(random, seq);
            all.add(message);
            flush.append(message);
        }
        flush(flush, flushOf("u", "other").append(1, 2, 3));

        for (SortBy sortBy : SortBy.values()) {
            for (boolean descending : new boolean[] {false, true}) {
                for (long upToSeq : new long[] {0, 1, 30, 60, Long.MAX_VALUE}) {
                    int limit = 1 + random.nextInt(HistoryRequest.MAX_LIMIT);
                    HistoryRequest page = new HistoryRequest(limit, sortBy, descending, false);
                    Set<Long> without = random.nextBoolean() ? Set.of() : Set.of(1L + random.nextInt(59), 60L, 99L);
                    assertThat(store().history("s", upToSeq, without, page))
                            .as("%s up to %d without %s", page, upToSeq, without)
                            .containsExactlyElementsOf(all.stream()
                                    .filter(message -> message.seq() <= upToSeq && !without.contains(message.seq()))
                                    .sorted(page.order())
                                    .limit(limit)
                                    .toList());
                }
            }
        }
    }

    /** Few different times, and ids whose order depends on case, length and the planes of Unicode. */
    private static Message randomMessage(Random random, int seq) {
        String[] starts = {"a", "A", "aa", "-", "ä", "\uFFFD", "\uE000", "\uD83D\uDE00", "\uD7FF", "10", "9"};
        Instant said = FlushBuilder.EPOCH.plus(random.nextInt(5) - 2, ChronoUnit.MICROS);
        return new Message(
                starts[random.nextInt(starts.length)] + seq, seq, Role.USER, null, "text", said, said, null, 1);
    }

    @Test
    void keepsTimesOfAllEpochs() {
        session("u", "s");
        List<Instant> times = List.of(
                Instant.parse("0001-01-01T00:00:00.000001Z"),
                Instant.parse("1969-12-31T23:59:59.999999Z"),
                Instant.EPOCH,
                Instant.parse("2000-01-01T00:00:00Z"),
                Instant.parse("9999-12-31T23:59:59.999999Z"));
        FlushBuilder flush = flushOf("u", "s");
        for (int i = 0; i < times.size(); i++) {
            flush.append(new Message(
                    "m" + i, i + 1, Role.USER, null, "text", times.get(i), times.get(times.size() - 1 - i), null, 1));
        }
        flush(flush);

        assertThat(stored("s")).extracting(Message::createdAt).containsExactlyElementsOf(times);
        assertThat(stored("s").get(0).updatedAt()).isEqualTo(times.get(times.size() - 1));
    }

    @Test
    void readsAllMessagesByTheirNumbersPageByPage() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2, 3, 5, 8, 9), flushOf("u", "t").append(4));

        assertThat(store().inOrder("s", 8, List.of(3L), new PageBySeq(0, 2, 1 << 20)))
                .containsExactly(message(1), message(2));
        assertThat(store().inOrder("s", 8, List.of(3L), new PageBySeq(2, 2, 1 << 20)))
                .containsExactly(message(5), message(8));
        assertThat(store().inOrder("s", 8, List.of(), new PageBySeq(8, 2, 1 << 20)))
                .isEmpty();
        assertThat(store().inOrder("none", 8, List.of(), new PageBySeq(0, 2, 1 << 20)))
                .isEmpty();
    }

    @Test
    void boundsAPageByItsBytesToOneMessageAtLeast() {
        session("u", "s");
        flush(flushOf("u", "s")
                .append(message(1, "x".repeat(5_000)), List.of())
                .append(message(2, "y".repeat(1_000)), List.of())
                .append(message(3, "z".repeat(1_000)), List.of())
                .append(message(4, "\u6F22".repeat(3_000)), List.of()));

        assertThat(store().inOrder("s", 9, List.of(), new PageBySeq(0, 10, 4_000)))
                .extracting(Message::seq)
                .containsExactly(1L);
        assertThat(store().inOrder("s", 9, List.of(), new PageBySeq(1, 10, 4_000)))
                .extracting(Message::seq)
                .containsExactly(2L, 3L);
    }

    @Test
    void readsMessagesByIdUpToTheWatermark() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2, 3), flushOf("u", "t").append(4));

        assertThat(store().messages("s", 2, List.of("m3", "m2", "m1", "m4", "m2", "none")))
                .containsExactlyInAnyOrder(message(1), message(2));
        assertThat(store().messages("s", 9, List.of())).isEmpty();
        assertThat(store().messages("none", 9, List.of("m1"))).isEmpty();
    }

    @Test
    void streamsTheUnitsOfOneUserBySessionNumberAndPiece() {
        session("u", "b");
        session("u", "a");
        session("v", "c");
        Message chunked = message(11, "one two");
        flush(
                flushOf("u", "b").append(1),
                flushOf("v", "c").append(1),
                flushOf("u", "a")
                        .append(9, 10)
                        .append(
                                chunked,
                                List.of(
                                        new MemoryUnit(new UnitKey("a", 11, 1), chunked, "two", 1, null),
                                        new MemoryUnit(new UnitKey("a", 11, 0), chunked, "one", 1, null))));

        assertThat(unitTexts("u"))
                .containsExactly(
                        "a/9/0: content 9", "a/10/0: content 10", "a/11/0: one", "a/11/1: two", "b/1/0: content 1");
        assertThat(units("u").get(3).message()).isEqualTo(chunked);
        assertThat(units("u").get(0).tokens()).isEqualTo(3);
        assertThat(units("nobody")).isEmpty();
    }

    @Test
    void keepsTheRoundOfAMessageWhateverBecomesOfItsContent() {
        session("u", "s");
        flush(flushOf("u", "s")
                .append(message(1).inRound(1))
                .append(message(2, "second").inRound(1))
                .append(3));
        flush(flushOf("u", "s").after(3).update(message(2, "changed")).upTo(4));

        assertThat(units("u")).extracting(MemoryUnit::text).containsExactly("content 1", "changed", "content 3");
        assertThat(units("u")).extracting(unit -> unit.message().roundSeq()).containsExactly(1L, 1L, 0L);
        assertThat(stored("s")).extracting(Message::roundSeq).containsExactly(1L, 1L, 0L);
    }

    @Test
    void endsTheStreamWithWhatTheSinkThrows() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));

        assertThatThrownBy(() -> store().streamUnits("u", unit -> {
                    throw new IllegalStateException("full");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("full");
        assertThat(units("u")).hasSize(2);
    }

    @Test
    void keepsEveryBitOfAVector() {
        session("u", "s");
        float[] vector = {1f, -0f, Float.MIN_VALUE, -Float.MAX_VALUE, 0.1f, (float) Math.PI};
        Message message = message(1);
        flush(flushOf("u", "s")
                .append(message, List.of(unit("s", message).withVector(vector)))
                .append(2));

        assertThat(units("u")).extracting(MemoryUnit::vector).containsExactly(vector, null);
        assertThat(pendingTexts()).containsExactly("content 2");
    }

    @Test
    void namesThePendingUnitsThatWaitLongestFirst() {
        session("u", "z");
        session("v", "a");
        flush(flushOf("u", "z").append(1));
        flush(flushOf("v", "a").append(2));
        flush(flushOf("u", "z").after(1).append(3).upTo(3));

        assertThat(store().pendingUnits(2, Set.of()))
                .containsExactly(
                        new PendingUnit("u", new UnitKey("z", 1, 0), "content 1"),
                        new PendingUnit("v", new UnitKey("a", 2, 0), "content 2"));
        assertThat(store().pendingUnits(1, Set.of(new UnitKey("z", 1, 0), new UnitKey("none", 1, 0))))
                .extracting(PendingUnit::embeddedText)
                .containsExactly("content 2");
    }

    @Test
    void givesEachPendingUnitToOneShare() {
        List<String> users = List.of("u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8");
        for (String user : users) {
            session(user, "s-" + user);
            flush(flushOf(user, "s-" + user).append(1, 2));
        }
        List<PendingUnit> shared = new ArrayList<>();
        for (int part = 0; part < 3; part++) {
            List<PendingUnit> ofPart = store().pendingUnits(100, Set.of(), new BacklogShare(part, 3, Duration.ZERO));
            Set<String> usersOfPart = ofPart.stream().map(PendingUnit::userId).collect(Collectors.toSet());
            assertThat(ofPart).hasSize(2 * usersOfPart.size());
            shared.addAll(ofPart);
        }
        assertThat(shared).containsExactlyInAnyOrderElementsOf(store().pendingUnits(100, Set.of()));
    }

    @Test
    void givesVectorsOfUnitsThatHaveOne() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));
        float[] vector = {0.6f, 0.8f};
        store().storeVectors(List.of(vectorOf(1, "content 1", vector)));
        UnitKey first = new UnitKey("s", 1, 0);
        List<UnitKey> keys = List.of(first, new UnitKey("s", 2, 0), new UnitKey("none", 1, 0));

        assertThat(store().vectors("u", keys)).singleElement().satisfies(found -> {
            assertThat(found.key()).isEqualTo(first);
            assertThat(found.embeddedText()).isEqualTo("content 1");
            assertThat(found.vector()).containsExactly(vector);
        });
        assertThat(store().vectors("someone else", keys)).isEmpty();
    }

    @Test
    void readsOnlyHowMuchItIsWhereThatIsMoreThanTheBound() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        HistoryRequest page = new HistoryRequest(2, HistoryRequest.SortBy.ID, true, false);
        List<Message> inPage = store().history("s", 9, List.of(), page);
        long bytes = inPage.stream().mapToLong(Message::answerBytes).sum();
        assertThat(store().history("s", 9, List.of(), page, bytes)).isEqualTo(new Bounded<>(inPage, bytes));
        assertThat(store().history("s", 9, List.of(), page, bytes - 1)).isEqualTo(new Bounded<>(List.of(), bytes));

        List<String> ids = inPage.stream().map(Message::id).toList();
        assertThat(store().messages("s", 9, ids, bytes).elements()).containsExactlyInAnyOrderElementsOf(inPage);
        assertThat(store().messages("s", 9, ids, bytes - 1)).isEqualTo(new Bounded<>(List.of(), bytes));
        assertThat(store().history("none", 9, List.of(), page, 1)).isEqualTo(new Bounded<>(List.of(), 0));
    }

    @Test
    void completesAPendingUnitOnce() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));
        float[] vector = {0.6f, 0.8f};
        store().storeVectors(List.of(vectorOf(1, "content 1", vector)));
        store().storeVectors(List.of(vectorOf(1, "content 1", new float[] {1f, 0f})));

        assertThat(pendingTexts()).containsExactly("content 2");
        assertThat(units("u")).extracting(MemoryUnit::vector).containsExactly(vector, null);
    }

    @Test
    void takesNoVectorOfAnotherText() {
        session("u", "s");
        Message named =
                new Message("m1", 1, Role.USER, "ann", "hello", FlushBuilder.EPOCH, FlushBuilder.EPOCH, null, 1);
        flush(flushOf("u", "s").append(named).append(2));
        flush(flushOf("u", "s").after(2).update(message(2, "changed")).upTo(3));
        float[] vector = {0.6f, 0.8f};
        store().storeVectors(List.of(
                vectorOf(1, "hello", vector), vectorOf(2, "content 2", vector), vectorOf(3, "gone", vector)));
        assertThat(pendingTexts()).containsExactlyInAnyOrder("ann: hello", "changed");

        store().storeVectors(List.of(vectorOf(1, "ann: hello", vector), vectorOf(2, "changed", vector)));
        assertThat(pendingTexts()).isEmpty();
        store().storeVectors(List.of());
    }

    @Test
    void letsAnUpdatedUnitWaitForItsNewVector() {
        session("u", "s");
        Message message = message(1);
        flush(flushOf("u", "s").append(message, List.of(unit("s", message).withVector(new float[] {1f}))));
        flush(flushOf("u", "s").after(1).update(message(1, "changed")).upTo(2));

        assertThat(pendingTexts()).containsExactly("changed");
        assertThat(units("u")).extracting(MemoryUnit::vector).containsOnlyNulls();
    }

    private static UnitVector vectorOf(long seq, String embeddedText, float[] vector) {
        return new UnitVector("u", new UnitKey("s", seq, 0), embeddedText, vector);
    }

    @Test
    void namesTheFirstMessageThatWaitsForAnEmbedding() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2, 3), flushOf("u", "t").append(1));
        float[] vector = {0.6f, 0.8f};
        assertThat(store().firstPending("u", "s")).hasValue(1);
        store().storeVectors(List.of(vectorOf(1, "content 1", vector), vectorOf(3, "content 3", vector)));
        assertThat(store().firstPending("u", "s")).hasValue(2);
        store().storeVectors(List.of(vectorOf(2, "content 2", vector)));
        assertThat(store().firstPending("u", "s")).isEmpty();
        assertThat(store().firstPending("u", "t")).hasValue(1);
        assertThat(store().firstPending("u", "none")).isEmpty();
    }

    @Test
    void keepsTheAnswersToAppendsUnderAKey() {
        session("u", "s");
        session("u", "t");
        KeyedAnswer answer = answer(ANY_TEXT, 1);
        KeyedAnswer other = answer("other", 2);
        flush(flushOf("u", "s").append(1).answer(answer).answer(other));

        assertThat(store().answer("s", ANY_TEXT)).contains(answer);
        assertThat(store().answer("s", "other")).contains(other);
        assertThat(store().answer("s", "none")).isEmpty();
        assertThat(store().answer("t", "other")).isEmpty();
    }

    @Test
    void forgetsOldAnswersAndThoseOfErasedSessions() {
        session("u", "s");
        session("u", "t");
        flush(
                flushOf("u", "s").append(1).answer(answer("k", 1)),
                flushOf("u", "t").append(1).answer(answer("k", 1)));
        store().forgetAnswers(Instant.now().minusSeconds(3600));
        assertThat(store().answer("s", "k")).isPresent();
        store().eraseSession("u", "s");
        assertThat(store().answer("s", "k")).isEmpty();
        assertThat(store().answer("t", "k")).isPresent();
        store().forgetAnswers(Instant.now().plusSeconds(3600));
        assertThat(store().answer("t", "k")).isEmpty();
    }

    private static KeyedAnswer answer(String key, long seq) {
        return new KeyedAnswer(
                new IdempotencyKey(key, "fingerprint"),
                List.of("m" + seq),
                true,
                seq,
                new BufferStatus(1, 2, 3, 4),
                new Watermarks(seq, seq, 0, 0));
    }
}
