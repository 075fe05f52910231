package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import memfuse.protocol.store.StoreException;
import org.junit.jupiter.api.Test;

final class InMemoryLayerStoreTest extends LayerStoreContract {
    private final InMemoryFixture fixture = InMemoryFixture.create();
    private final InMemoryLayerStore store = fixture.store();

    @Override
    protected LayerStoreFixture newFixture() {
        return fixture;
    }

    @Test
    void failsAFlushWithoutWritingIt() {
        session("u", "s");
        store.faults().failNextFlushes(1);

        assertThatThrownBy(() -> flush(flushOf("u", "s").append(1))).isInstanceOf(StoreException.class);
        assertThat(seqs("s")).isEmpty();
        flush(flushOf("u", "s").append(1));
        assertThat(seqs("s")).containsExactly(1L);
    }

    @Test
    void writesAFlushWhoseAcknowledgementIsLost() {
        session("u", "s");
        store.faults().loseAcknowledgements(1);

        assertThatThrownBy(() -> flush(flushOf("u", "s").append(1))).isInstanceOf(StoreException.class);
        assertThat(seqs("s")).containsExactly(1L);
    }

    @Test
    void failsOtherCallsAsScripted() {
        store.faults().failNextOthers(1);

        assertThatThrownBy(() -> store.dirtyUsers(1, Long.MAX_VALUE)).isInstanceOf(StoreException.class);
        assertThat(store.dirtyUsers(1, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void holdsAFlushOpenUntilItIsReleased() {
        session("u", "s");
        StoreFaults.Hold hold = store.faults().holdFlushes();
        CompletableFuture<Void> flushing =
                CompletableFuture.runAsync(() -> flush(flushOf("u", "s").append(1)));
        hold.awaitFlush();

        assertThat(flushing).isNotDone();
        assertThat(seqs("s")).isEmpty();
        hold.release();
        flushing.join();
        assertThat(seqs("s")).containsExactly(1L);
    }

    @Test
    void tellsOfTheFlushesThatApplied() {
        session("u", "s");
        List<Long> markers = new ArrayList<>();
        store.onReplaced(flush -> markers.add(flush.upToJournalSeq()));
        store.faults().beforeFlush(() -> markers.add(0L));

        flush(flushOf("u", "s").append(1, 2).upTo(2));
        flush(flushOf("u", "s").append(1).upTo(1));
        assertThat(markers).containsExactly(0L, 2L, 0L);
        assertThat(store.written()).hasSize(1);
    }
}
