package memfuse.actors.session;

import static memfuse.actors.session.Samples.appended;
import static memfuse.actors.session.Samples.message;
import static memfuse.actors.session.Samples.vector;
import static memfuse.actors.session.Samples.vectorOf;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.BufferStatus;
import memfuse.protocol.session.SessionProtocol.Flushed;
import memfuse.protocol.session.SessionProtocol.MessagesDeleted;
import memfuse.protocol.session.SessionProtocol.MessagesUpdated;
import memfuse.protocol.session.SessionProtocol.Watermarks;
import memfuse.protocol.store.SessionFlush;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SessionMemoryTest {
    private final SessionMemory memory = Samples.memory(settings().roundBuffer(20, 5));
    private long journalSeq;

    @Test
    void startsCleanWithNothing() {
        assertThat(memory.isClean()).isTrue();
        assertThat(memory.seal()).isNull();
        assertThat(memory.totalMessages()).isZero();
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(0, 0, 0, 0));
        assertThat(memory.bufferStatus()).isEqualTo(new BufferStatus(0, 0, 0, 0));
    }

    @Test
    void takesARoundIntoTheRoundBuffer() {
        append(1, 2);

        assertThat(seqs()).containsExactly(1L, 2L);
        assertThat(memory.buffered("m1")).isEqualTo(message(1).inRound(1));
        assertThat(memory.bufferStatus()).isEqualTo(new BufferStatus(1, 20, 0, 0));
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(2, 0, 0, 0));
        assertThat(memory.totalMessages()).isEqualTo(2);
        assertThat(memory.isClean()).isFalse();
    }

    @Test
    void keepsTheOrderThroughAllPlaces() {
        append(1, 2);
        append(3, 4);
        seal();
        append(5, 6);
        append(7, 8);

        assertThat(memory.bufferStatus()).isEqualTo(new BufferStatus(1, 20, 2, 1));
        assertThat(seqs()).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L);
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(8, 6, 0, 0));
    }

    @Test
    void sealsWhatIsBeyondTheRoundBuffer() {
        append(1, 2);
        append(3, 4);
        SessionFlush flush = seal();

        assertThat(flush.appended())
                .containsExactly(message(1).inRound(1), message(2).inRound(1));
        assertThat(flush.upToJournalSeq()).isEqualTo(1);
        assertThat(flush.afterSeq()).isZero();
        assertThat(flush.marker()).isEqualTo(new Flushed(2, 2));
        assertThat(flush.units()).hasSize(2);
        assertThat(memory.isFlushing()).isTrue();
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(4, 2, 0, 0));
    }

    @Test
    void sealsNothingWhileEverythingIsInTheRoundBuffer() {
        append(1, 1);
        assertThat(memory.seal()).isNull();

        memory.transferAll();
        assertThat(seal().appended()).containsExactly(message(1).inRound(1));
    }

    @Test
    void sealsOnceAtATime() {
        append(1, 1);
        memory.transferAll();
        seal();
        append(2, 2);
        memory.transferAll();

        assertThat(memory.seal()).isNull();
        memory.stored(1);
        SessionFlush next = seal();
        assertThat(next.appended()).containsExactly(message(2).inRound(2));
        assertThat(next.afterSeq()).isEqualTo(1);
        assertThat(next.marker()).isEqualTo(new Flushed(2, 2));
    }

    @Test
    void forgetsWhatTheStoreHas() {
        append(1, 2);
        append(3, 4);
        SessionFlush flush = seal();

        assertThat(memory.stored(1)).isSameAs(flush);
        assertThat(seqs()).containsExactly(3L, 4L);
        assertThat(memory.buffered("m1")).isNull();
        assertThat(memory.buffered("m3")).isNotNull();
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(4, 2, 2, 0));
        assertThat(memory.totalMessages()).isEqualTo(4);
        assertThat(memory.isFlushing()).isFalse();
        assertThat(memory.isClean()).isFalse();
    }

    @Test
    void isCleanWhenTheStoreHasEverything() {
        append(1, 2);
        flushAll();

        assertThat(memory.isClean()).isTrue();
        assertThat(memory.unflushed()).isZero();
        assertThat(memory.unflushedBytes()).isZero();
        assertThat(memory.totalMessages()).isEqualTo(2);
    }

    @Test
    void ignoresAnAcknowledgementOfAnotherFlush() {
        append(1, 2);
        assertThat(memory.stored(1)).isNull();
        append(3, 4);
        seal();

        assertThat(memory.stored(2)).isNull();
        assertThat(memory.isFlushing()).isTrue();
        memory.stored(1);
        assertThat(memory.stored(1)).isNull();
        assertThat(seqs()).containsExactly(3L, 4L);
    }

    @Test
    void changesAMessageInTheRoundBuffer() {
        append(1, 2);
        update(message(2, "new", 3));

        assertThat(contents()).containsExactly("content of m1", "new");
        assertThat(memory.buffered("m2")).isEqualTo(message(2, "new", 3).inRound(1));
        assertThat(memory.bufferStatus().roundBufferTokens()).isEqualTo(13);
        assertThat(memory.hasPendingChanges()).isFalse();
        assertThat(texts(memory.unitsOf(List.of(message(2))))).containsExactly("new");

        delete(1);
        assertThat(contents()).containsExactly("new");
        assertThat(memory.buffered("m1")).isNull();
        assertThat(memory.totalMessages()).isEqualTo(1);
        assertThat(memory.hasPendingChanges()).isFalse();
    }

    @Test
    void changesAMessageInTheFillingGeneration() {
        append(1, 2);
        append(3, 4);
        update(message(1, "new"));
        delete(2);

        assertThat(memory.bufferStatus().hybridBufferRounds()).isEqualTo(1);
        assertThat(contents()).containsExactly("new", "content of m3", "content of m4");
        assertThat(memory.hasPendingChanges()).isFalse();
        assertThat(seal().appended())
                .containsExactly(
                        message(1, "new").inRound(1),
                        message(3).inRound(3),
                        message(4).inRound(3));
    }

    @Test
    void changesAMessageThatIsBeingFlushed() {
        append(1, 2);
        memory.transferAll();
        SessionFlush flush = seal();
        update(message(1, "new"));
        delete(2);

        assertThat(flush.appended())
                .containsExactly(message(1).inRound(1), message(2).inRound(1));
        assertThat(contents()).containsExactly("new");
        assertThat(memory.buffered("m1")).isEqualTo(message(1, "new").inRound(1));
        assertThat(memory.totalMessages()).isEqualTo(1);
        assertThat(memory.hasPendingChanges()).isTrue();
        assertThat(texts(memory.unitsOf(List.of(message(1))))).containsExactly("new");

        memory.stored(1);
        assertThat(overStore(message(1), message(2))).containsExactly(message(1, "new"));
        assertThat(memory.totalMessages()).isEqualTo(1);

        SessionFlush next = seal();
        assertThat(next.appended()).isEmpty();
        assertThat(next.updated()).containsExactly(message(1, "new").inRound(1));
        assertThat(next.deleted()).containsExactly(2L);
        assertThat(next.upToJournalSeq()).isEqualTo(3);
        assertThat(next.marker()).isEqualTo(new Flushed(2, 1));
        assertThat(texts(next.units())).containsExactly("new");
    }

    @Test
    void changesAStoredMessage() {
        append(1, 3);
        flushAll();
        update(message(1, "first"));
        update(message(1, "second"));
        delete(2);

        assertThat(seqs()).isEmpty();
        assertThat(overStore(message(1), message(2), message(3))).containsExactly(message(1, "second"), message(3));
        assertThat(texts(memory.unitsOf(List.of(message(1), message(3))))).containsExactly("second");
        assertThat(memory.totalMessages()).isEqualTo(2);
        assertThat(memory.isClean()).isFalse();

        SessionFlush flush = seal();
        assertThat(flush.updated()).containsExactly(message(1, "second"));
        assertThat(flush.deleted()).containsExactly(2L);
        assertThat(flush.marker()).isEqualTo(new Flushed(3, 2));
        assertThat(memory.totalMessages()).isEqualTo(2);
        memory.stored(flush.upToJournalSeq());
        assertThat(memory.totalMessages()).isEqualTo(2);
        assertThat(memory.isClean()).isTrue();
    }

    @Test
    void deletesAMessageWhoseChangeIsPending() {
        append(1, 1);
        flushAll();
        update(message(1, "new"));
        delete(1);

        SessionFlush flush = seal();
        assertThat(flush.updated()).isEmpty();
        assertThat(flush.deleted()).containsExactly(1L);
        assertThat(flush.units()).isEmpty();
    }

    @Test
    void keepsChangesOverTheStoreWhileTheirFlushIsUnderWay() {
        append(1, 2);
        flushAll();
        update(message(1, "new"));
        delete(2);
        seal();

        assertThat(memory.hasPendingChanges()).isFalse();
        assertThat(overStore(message(1), message(2))).containsExactly(message(1, "new"));
        update(message(1, "newer"));
        assertThat(overStore(message(1), message(2))).containsExactly(message(1, "newer"));
        delete(1);
        assertThat(overStore(message(1), message(2))).isEmpty();
        assertThat(memory.totalMessages()).isZero();
    }

    @Test
    void coversAChangeOnlyTogetherWithWhatItChanged() {
        append(1, 2);
        append(3, 4);
        append(5, 6);
        update(message(5, "new"));
        SessionFlush flush = seal();

        assertThat(flush.upToJournalSeq()).isEqualTo(4);
        assertThat(flush.appended()).hasSize(6).contains(message(5, "new").inRound(5));
        assertThat(flush.updated()).isEmpty();
    }

    @Test
    void leavesLaterRoundsInTheRoundBufferWhenTheChangeIsBehindThem() {
        append(1, 2);
        update(message(1, "new"));
        append(3, 4);
        append(5, 6);
        SessionFlush flush = seal();

        assertThat(flush.upToJournalSeq()).isEqualTo(3);
        assertThat(flush.appended())
                .containsExactly(
                        message(1, "new").inRound(1),
                        message(2).inRound(1),
                        message(3).inRound(3),
                        message(4).inRound(3));
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(6, 4, 0, 0));
    }

    @Test
    void takesTheRoundBufferAlongWithAPendingChange() {
        append(1, 2);
        flushAll();
        append(3, 3);
        update(message(1, "new"));
        SessionFlush flush = seal();

        assertThat(flush.upToJournalSeq()).isEqualTo(journalSeq);
        assertThat(flush.appended()).containsExactly(message(3).inRound(3));
        assertThat(flush.updated()).containsExactly(message(1, "new"));
        assertThat(flush.marker()).isEqualTo(new Flushed(3, 3));
    }

    @Test
    void staysDirtyWithAnEmptiedRoundUntilItsEventIsGone() {
        append(1, 2);
        delete(1, 2);
        assertThat(memory.totalMessages()).isZero();
        assertThat(memory.isClean()).isFalse();
        assertThat(memory.unflushed()).isEqualTo(2);

        memory.transferAll();
        SessionFlush flush = seal();
        assertThat(flush.appended()).isEmpty();
        assertThat(flush.deleted()).isEmpty();
        assertThat(flush.upToJournalSeq()).isEqualTo(2);
        assertThat(flush.marker()).isEqualTo(new Flushed(2, 0));
        memory.stored(2);
        assertThat(memory.isClean()).isTrue();
        assertThat(memory.lastSeq()).isEqualTo(2);
    }

    @Test
    void lendsTheIdOfADeletedMessageToANewOne() {
        append(1, 1);
        memory.transferAll();
        SessionFlush first = seal();
        delete(1);
        assertThat(memory.buffered("m1")).isNull();
        Message again = new Message("m1", 2, message(1).role(), null, "again", Samples.NOW, Samples.NOW, null, 1, 2);
        memory.onRoundAppended(appended(again), ++journalSeq);

        memory.stored(first.upToJournalSeq());
        assertThat(memory.buffered("m1")).isEqualTo(again);
        assertThat(overStore(message(1))).isEmpty();
        SessionFlush next = seal();
        assertThat(next.deleted()).containsExactly(1L);
        assertThat(next.appended()).containsExactly(again);
        assertThat(next.marker()).isEqualTo(new Flushed(2, 1));
    }

    @Test
    void startsFromAMarker() {
        memory.onFlushed(new Flushed(7, 5), 12);

        assertThat(memory.isClean()).isTrue();
        assertThat(memory.watermarks()).isEqualTo(new Watermarks(7, 7, 7, 0));
        assertThat(memory.totalMessages()).isEqualTo(5);
        assertThat(memory.lastJournalSeq()).isEqualTo(12);
        memory.onRoundAppended(appended(8, 8), 13);
        memory.onMessagesDeleted(new MessagesDeleted(List.of(3L)), 14);
        memory.transferAll();
        SessionFlush flush = seal();
        assertThat(flush.afterSeq()).isEqualTo(7);
        assertThat(flush.appended()).containsExactly(message(8).inRound(8));
        assertThat(flush.deleted()).containsExactly(3L);
        assertThat(flush.marker()).isEqualTo(new Flushed(8, 5));
    }

    @Test
    void dropsWhatAMarkerCoversThatWasWrittenDuringTheReplay() {
        append(1, 2);
        append(3, 4);
        update(message(1, "new"));
        memory.onFlushed(new Flushed(8, 8), 9);

        assertThat(memory.isClean()).isTrue();
        assertThat(seqs()).isEmpty();
        assertThat(memory.buffered("m1")).isNull();
        assertThat(memory.totalMessages()).isEqualTo(8);
        memory.onRoundAppended(appended(9, 9), 10);
        assertThat(memory.totalMessages()).isEqualTo(9);
    }

    @Test
    void refusesAJournalWithEventsMissing() {
        assertThatThrownBy(() -> memory.onRoundAppended(appended(3, 4), 2))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("between 0 and 2");
        append(1, 1);
        assertThatThrownBy(() -> memory.onMessagesDeleted(new MessagesDeleted(List.of(1L)), 3))
                .hasMessageContaining("between 1 and 3");
        assertThatThrownBy(() -> memory.onMessagesUpdated(new MessagesUpdated(List.of(message(1))), 1))
                .hasMessageContaining("between 1 and 1");
    }

    @Test
    void takesAnEmbeddingInTheRoundBufferAndInTheFillingGeneration() {
        append(1, 2);
        append(3, 3);

        assertThat(memory.setVector(vector(1, 0, "content of m1"))).isTrue();
        assertThat(memory.setVector(vector(3, 0, "content of m3"))).isTrue();
        memory.transferAll();
        assertThat(seal().units())
                .extracting(MemoryUnit::vector)
                .containsExactly(vectorOf("content of m1"), null, vectorOf("content of m3"));
    }

    @Test
    void takesAnEmbeddingOfEachPieceOfAMessage() {
        memory.onRoundAppended(appended(message(1, "one|two")), ++journalSeq);
        assertThat(memory.setVector(vector(1, 1, "two"))).isTrue();

        assertThat(memory.unitsFrom(1)).extracting(MemoryUnit::vector).containsExactly(null, vectorOf("two"));
    }

    @Test
    void showsAnEmbeddingOfAMessageThatIsBeingFlushedWithoutIt() {
        append(1, 2);
        memory.transferAll();
        SessionFlush flush = seal();

        assertThat(memory.setVector(vector(1, 0, "content of m1"))).isFalse();
        assertThat(memory.unitsFrom(1)).extracting(MemoryUnit::vector).contains(vectorOf("content of m1"));
        assertThat(flush.units()).extracting(MemoryUnit::vector).containsOnlyNulls();
    }

    @Test
    void takesAnEmbeddingOfAPendingChange() {
        append(1, 2);
        memory.transferAll();
        seal();
        update(message(1, "new"));
        memory.stored(1);
        update(message(2, "newer"));

        assertThat(memory.setVector(vector(1, 0, "new"))).isTrue();
        assertThat(memory.setVector(vector(2, 0, "newer"))).isTrue();
        assertThat(memory.setVector(vector(2, 0, "content of m2"))).isFalse();
        assertThat(seal().units()).extracting(MemoryUnit::vector).containsExactly(vectorOf("new"), vectorOf("newer"));
    }

    @Test
    void wantsNoEmbeddingOfATextItHasNot() {
        append(1, 2);
        update(message(1, "new"));
        delete(2);

        assertThat(memory.setVector(vector(1, 0, "content of m1"))).isFalse();
        assertThat(memory.setVector(vector(1, 1, "new"))).isFalse();
        assertThat(memory.setVector(vector(2, 0, "content of m2"))).isFalse();
        assertThat(memory.setVector(vector(9, 0, "unknown"))).isFalse();
        assertThat(memory.unitsFrom(1)).extracting(MemoryUnit::vector).containsOnlyNulls();
    }

    @Test
    void givesTheUnitsFromANumberOn() {
        append(1, 2);
        append(3, 4);

        assertThat(texts(memory.unitsFrom(2))).containsExactly("content of m2", "content of m3", "content of m4");
        assertThat(memory.unitsFrom(5)).isEmpty();
        delete(2);
        assertThat(texts(memory.unitsFrom(2))).containsExactly("content of m3", "content of m4");
    }

    @Test
    void countsChangesAndEventsAsUnflushed() {
        append(1, 3);
        assertThat(memory.unflushed()).isEqualTo(3);
        assertThat(memory.unflushedBytes()).isEqualTo(3L * message(1).sizeBytes());
        flushAll();
        update(message(1, "new"));
        assertThat(memory.unflushed()).isEqualTo(1);
        assertThat(memory.unflushedBytes()).isEqualTo(message(1, "new").sizeBytes());
        update(message(1, "newer"));
        assertThat(memory.unflushed()).isEqualTo(2);
        seal();
        assertThat(memory.unflushed()).isEqualTo(2);
        assertThat(memory.unflushedBytes()).isEqualTo(message(1, "newer").sizeBytes());
        memory.stored(journalSeq);
        assertThat(memory.unflushed()).isZero();
    }

    @Test
    void isCrowdedFromHalfOfAHighWaterMarkOn() {
        SessionMemory byMessages = Samples.memory(settings().highWater(4, 1_000_000));
        byMessages.onRoundAppended(appended(1, 1), 1);
        assertThat(byMessages.isCrowded()).isFalse();
        byMessages.onRoundAppended(appended(2, 2), 2);
        assertThat(byMessages.isCrowded()).isTrue();

        SessionMemory byBytes =
                Samples.memory(settings().highWater(100, 4L * message(1).sizeBytes()));
        byBytes.onRoundAppended(appended(1, 1), 1);
        assertThat(byBytes.isCrowded()).isFalse();
        byBytes.onRoundAppended(appended(2, 2), 2);
        assertThat(byBytes.isCrowded()).isTrue();
    }

    @Test
    void asksToBeFlushedWhenTheHybridBufferIsFull() {
        SessionMemory small = Samples.memory(settings().roundBuffer(100, 1).hybridMaxSize(2));
        small.onRoundAppended(appended(1, 1), 1);
        small.onRoundAppended(appended(2, 2), 2);
        assertThat(small.isHybridFull()).isFalse();
        small.onRoundAppended(appended(3, 3), 3);
        assertThat(small.isHybridFull()).isTrue();
    }

    private void append(long firstSeq, long lastSeq) {
        memory.onRoundAppended(appended(firstSeq, lastSeq), ++journalSeq);
    }

    private void update(Message... messages) {
        memory.onMessagesUpdated(new MessagesUpdated(List.of(messages)), ++journalSeq);
    }

    private void delete(long... seqs) {
        memory.onMessagesDeleted(new MessagesDeleted(Arrays.stream(seqs).boxed().toList()), ++journalSeq);
    }

    private SessionFlush seal() {
        return present(memory.seal());
    }

    private void flushAll() {
        memory.transferAll();
        memory.stored(seal().upToJournalSeq());
    }

    private static SessionFlush present(@Nullable SessionFlush flush) {
        if (flush == null) {
            throw new AssertionError("nothing was sealed");
        }
        return flush;
    }

    private List<Long> seqs() {
        return memory.buffered().stream()
                .map(buffered -> buffered.message().seq())
                .toList();
    }

    private List<String> contents() {
        return memory.buffered().stream()
                .map(buffered -> buffered.message().content())
                .toList();
    }

    private List<Message> overStore(Message... stored) {
        return memory.changesOverStore().over(Arrays.asList(stored)).toList();
    }

    private static List<String> texts(List<MemoryUnit> units) {
        return units.stream().map(MemoryUnit::text).toList();
    }
}
