package memfuse.protocol.testkit;

import static memfuse.protocol.testkit.FlushBuilder.message;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import memfuse.protocol.directory.EntityKind;
import memfuse.protocol.directory.ErasureReceipt;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.Role;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.SessionFlush;
import org.junit.jupiter.api.Test;

/** What every {@link memfuse.protocol.store.LayerStore} keeps when it writes: flushes, the journal, erasure. */
public abstract class LayerStoreContract extends LayerStoreTestBase {
    @Test
    void writesMessagesWithAllTheySay() {
        session("u", ANY_TEXT);
        Message full = new Message(
                "id " + ANY_TEXT,
                1,
                Role.ASSISTANT,
                "name " + ANY_TEXT,
                ANY_TEXT,
                FlushBuilder.EPOCH,
                FlushBuilder.EPOCH.plusNanos(1000),
                "{\"b\": 1, \"a\":1.0,\"a\":2 }",
                Integer.MAX_VALUE);
        Message bare = new Message("2", 2, Role.SYSTEM, null, " ", FlushBuilder.EPOCH, FlushBuilder.EPOCH, null, 0);
        flush(flushOf("u", ANY_TEXT).append(full).append(bare));

        assertThat(stored(ANY_TEXT)).containsExactly(full, bare);
        assertThat(units("u")).extracting(MemoryUnit::message).containsExactly(full, bare);
        assertThat(pendingTexts()).contains("name " + ANY_TEXT + ": " + ANY_TEXT);
    }

    @Test
    void leavesTheSameRowsWhenAFlushIsRepeated() {
        session("u", "s");
        FlushBuilder flush = flushOf("u", "s").append(1, 2, 3);
        flush(flush);
        flush(flush);

        assertThat(seqs("s")).containsExactly(1L, 2L, 3L);
        assertThat(unitTexts("u")).containsExactly("s/1/0: content 1", "s/2/0: content 2", "s/3/0: content 3");
        assertThat(store().dirtySessions("u")).isEmpty();
    }

    @Test
    void writesTheNewSessionsOfARepeatedBatch() {
        session("u", "s");
        session("v", "t");
        flush(flushOf("u", "s").append(1, 2));
        flush(flushOf("v", "t").append(1), flushOf("u", "s").append(1, 2));

        assertThat(seqs("s")).containsExactly(1L, 2L);
        assertThat(seqs("t")).containsExactly(1L);
    }

    @Test
    void takesNoFlushForNothing() {
        store().flush(List.of());
    }

    @Test
    void keepsADeletedMessageDeletedWhenAStaleFlushComesLate() {
        session("u", "s");
        FlushBuilder first = flushOf("u", "s").append(1, 2);
        flush(first);
        flush(flushOf("u", "s").after(2).delete(1).upTo(3));
        flush(first);

        assertThat(seqs("s")).containsExactly(2L);
        assertThat(unitTexts("u")).containsExactly("s/2/0: content 2");
    }

    @Test
    void keepsALaterContentWhenAStaleFlushComesLate() {
        session("u", "s");
        FlushBuilder first = flushOf("u", "s").append(1).update(message(1, "first"));
        flush(first);
        flush(flushOf("u", "s").after(1).update(message(1, "second")).upTo(2));
        flush(first);

        assertThat(unitTexts("u")).containsExactly("s/1/0: second");
    }

    @Test
    void putsTheSessionsViewOverAFlushItDidNotHearOf() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        flush(flushOf("u", "s").append(message(2, "changed since")).append(4).upTo(5));

        assertThat(unitTexts("u")).containsExactly("s/2/0: changed since", "s/4/0: content 4");
        assertThat(seqs("s")).containsExactly(2L, 4L);
    }

    @Test
    void replacesAnUpdatedMessageAndItsUnits() {
        session("u", "s");
        Message longOne = message(1, "one two");
        flush(flushOf("u", "s")
                .append(longOne, List.of(piece(longOne, 0, "one"), piece(longOne, 1, "two")))
                .append(2));
        assertThat(units("u")).extracting(MemoryUnit::message).containsExactly(longOne, longOne, message(2));

        Message changed = message(1, "three");
        flush(flushOf("u", "s").after(2).update(changed).append(3).upTo(4));

        assertThat(stored("s")).containsExactly(changed, message(2), message(3));
        assertThat(unitTexts("u")).containsExactly("s/1/0: three", "s/2/0: content 2", "s/3/0: content 3");
    }

    @Test
    void takesTheLastOfSeveralUpdates() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        flush(flushOf("u", "s")
                .after(1)
                .update(message(1, "second"))
                .update(message(1, "third"))
                .upTo(3));

        assertThat(stored("s")).containsExactly(message(1, "third"));
        assertThat(unitTexts("u")).containsExactly("s/1/0: third");
    }

    @Test
    void leavesAGoneMessageGoneWhenItIsUpdated() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2));
        flush(flushOf("u", "s").after(2).delete(1).upTo(3));
        flush(flushOf("u", "s").after(2).update(message(1, "back")).delete(77).upTo(4));

        assertThat(seqs("s")).containsExactly(2L);
        assertThat(unitTexts("u")).containsExactly("s/2/0: content 2");
    }

    @Test
    void lendsTheIdOfADeletedMessageToANewOne() {
        session("u", "s");
        flush(flushOf("u", "s").append(1));
        Message again = new Message("m1", 2, Role.USER, null, "new", FlushBuilder.EPOCH, FlushBuilder.EPOCH, null, 1);
        flush(flushOf("u", "s").after(1).delete(1).append(again).upTo(3));

        assertThat(stored("s")).containsExactly(again);
    }

    @Test
    void keepsSessionsApart() {
        session("u", "s");
        session("u", "t");
        session("v", "w");
        flush(
                flushOf("u", "t").append(1, 2),
                flushOf("v", "w").append(1),
                flushOf("u", "s").append(1));
        flush(flushOf("u", "t").after(2).delete(1).upTo(3));

        assertThat(seqs("s")).containsExactly(1L);
        assertThat(seqs("t")).containsExactly(2L);
        assertThat(unitTexts("u")).containsExactly("s/1/0: content 1", "t/2/0: content 2");
        assertThat(unitTexts("v")).containsExactly("w/1/0: content 1");
    }

    @Test
    void callsASessionDirtyWhileTheJournalHoldsMoreThanItsMarker() {
        session("u", "s");
        session("u", "clean");
        flush(flushOf("u", "clean").append(1));
        journalUpTo("s", 3);
        assertThat(store().dirtySessions("u")).containsExactly("s");

        flush(flushOf("u", "s").append(1).upTo(2));
        assertThat(store().dirtySessions("u")).containsExactly("s");
        assertThat(store().dirtyUsers(10, Long.MAX_VALUE)).containsExactly("u");

        flush(flushOf("u", "s").after(1).append(3).upTo(3));
        assertThat(store().dirtySessions("u")).isEmpty();
        assertThat(store().dirtyUsers(10, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void namesTheUsersThatWaitedAtATime() {
        assertThat(store().lastUnflushed()).isZero();
        for (String user : List.of("a", "b")) {
            session(user, "1" + user);
        }
        journalUpTo("1a", 1);
        long upTo = store().lastUnflushed();
        journalUpTo("1b", 1);
        assertThat(store().dirtyUsers(10, upTo)).containsExactly("a");
        assertThat(store().dirtyUsers(10, store().lastUnflushed())).containsExactly("a", "b");

        flush(flushOf("a", "1a").append(1).upTo(1));
        assertThat(store().dirtyUsers(10, upTo)).isEmpty();
        assertThat(store().lastUnflushed()).isGreaterThan(upTo);
    }

    @Test
    void namesTheUsersThatWaitLongestFirst() {
        for (String user : List.of("c", "a", "b")) {
            session(user, "1" + user);
            session(user, "2" + user);
            journalUpTo("1" + user, 2);
        }
        journalUpTo("2c", 1);

        assertThat(store().dirtyUsers(2, Long.MAX_VALUE)).containsExactly("c", "a");
        flush(flushOf("c", "1c").append(1).upTo(2));
        assertThat(store().dirtyUsers(10, Long.MAX_VALUE)).containsExactly("a", "b", "c");
    }

    @Test
    void erasesASessionWithEverythingItHas() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1), flushOf("u", "t").append(1));
        journalUpTo("s", 2);
        store().eraseSession("u", "s");
        store().eraseSession("u", "s");

        assertThat(directory().session("s")).isEmpty();
        assertThat(seqs("s")).isEmpty();
        assertThat(unitTexts("u")).containsExactly("t/1/0: content 1");
        assertThat(pendingTexts()).containsExactly("content 1");
        assertThat(store().dirtySessions("u")).isEmpty();
    }

    @Test
    void erasesNoSessionOfAnotherUser() {
        session("u", "s");
        session("v", "t");
        flush(flushOf("u", "s").append(1));
        store().eraseSession("v", "s");

        assertThat(directory().session("s")).isPresent();
        assertThat(seqs("s")).containsExactly(1L);
    }

    @Test
    void passesOverAnErasedSessionInAFlush() {
        session("u", "s");
        session("u", "t");
        journalUpTo("s", 1);
        store().eraseSession("u", "s");
        flush(flushOf("u", "s").append(1), flushOf("u", "t").append(1));
        session("u", "s");

        assertThat(seqs("s")).isEmpty();
        assertThat(unitTexts("u")).containsExactly("t/1/0: content 1");
    }

    @Test
    void erasesAUserWithAllSessions() {
        session("u", "s");
        session("u", "t");
        session("v", "w");
        flush(
                flushOf("u", "s").append(1),
                flushOf("u", "t").append(1),
                flushOf("v", "w").append(1));
        journalUpTo("t", 2);
        journalUpTo("w", 2);
        store().eraseUser("u");
        store().eraseUser("u");

        assertThat(directory().list(EntityKind.USER)).extracting("id").containsExactly("v");
        assertThat(directory().sessions(null, null, null)).extracting("id").containsExactly("w");
        assertThat(units("u")).isEmpty();
        assertThat(seqs("t")).isEmpty();
        assertThat(store().dirtyUsers(10, Long.MAX_VALUE)).containsExactly("v");
    }

    @Test
    void writesOverlappingBatchesOfManyThreadsOnceEach() {
        long seed = System.nanoTime();
        System.out.println("seed=" + seed);
        int sessions = 12;
        int rounds = 20;
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            ids.add("s" + i);
            session("u" + i % 3, "s" + i);
            journalUpTo("s" + i, rounds);
        }
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= rounds; round++) {
                int seq = round;
                Random random = new Random(seed + round);
                CompletableFuture<?>[] flushing = Stream.generate(() -> shuffled(ids, random))
                        .limit(4)
                        .map(order -> CompletableFuture.runAsync(() -> store().flush(batch(order, seq)), threads))
                        .toArray(CompletableFuture[]::new);
                CompletableFuture.allOf(flushing).join();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(ids)
                .allSatisfy(id -> assertThat(seqs(id))
                        .containsExactlyElementsOf(
                                LongStream.rangeClosed(1, rounds).boxed().toList()));
        assertThat(store().dirtyUsers(10, Long.MAX_VALUE)).isEmpty();
    }

    private static List<String> shuffled(List<String> ids, Random random) {
        List<String> order = new ArrayList<>(ids);
        Collections.shuffle(order, random);
        return order;
    }

    private List<SessionFlush> batch(List<String> ids, int seq) {
        return ids.stream()
                .map(id -> flushOf("u" + Integer.parseInt(id.substring(1)) % 3, id)
                        .after(seq - 1)
                        .append(seq)
                        .build())
                .toList();
    }

    private static MemoryUnit piece(Message message, int chunkNo, String text) {
        return new MemoryUnit(new UnitKey("s", message.seq(), chunkNo), message, text, 1, null);
    }

    @Test
    void keepsAReceiptOfAnErasedSession() {
        session("u", "s");
        flush(flushOf("u", "s").append(1, 2, 3));
        store().eraseSession("u", "s");
        ErasureReceipt receipt = directory().erasure("s").orElseThrow();
        store().eraseSession("u", "s");

        assertThat(directory().erasure("s")).contains(receipt);
        assertThat(receipt.kind()).isEqualTo("session");
        assertThat(receipt.userId()).isEqualTo("u");
        assertThat(receipt.erasedAt())
                .isBetween(Instant.now().minusSeconds(600), Instant.now().plusSeconds(600));
        assertThat(receipt.counts())
                .containsEntry("sessions", 1L)
                .containsEntry("m0", 3L)
                .containsEntry("m1", 3L);
        assertThat(directory().erasure("none")).isEmpty();
    }

    @Test
    void keepsAReceiptOfAnErasedUser() {
        session("u", "s");
        session("u", "t");
        flush(flushOf("u", "s").append(1, 2, 3), flushOf("u", "t").append(1));
        store().eraseUser("u");

        ErasureReceipt receipt = directory().erasure("u").orElseThrow();
        assertThat(receipt.kind()).isEqualTo("user");
        assertThat(receipt.userId()).isEqualTo("u");
        assertThat(receipt.counts())
                .containsEntry("users", 1L)
                .containsEntry("sessions", 2L)
                .containsEntry("m0", 4L)
                .containsEntry("m1", 4L);
        assertThat(directory().erasure("s")).isEmpty();
    }

    @Test
    void keepsNoReceiptOfWhatWasNeverThere() {
        store().eraseSession("u", "s");
        store().eraseUser("u");
        session("v", "t");
        store().eraseSession("u", "t");

        assertThat(directory().erasure("s")).isEmpty();
        assertThat(directory().erasure("u")).isEmpty();
        assertThat(directory().erasure("t")).isEmpty();
    }
}
