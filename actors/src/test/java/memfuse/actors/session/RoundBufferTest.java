package memfuse.actors.session;

import static memfuse.actors.session.Samples.buffered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class RoundBufferTest {
    private final RoundBuffer buffer = new RoundBuffer(100, 3);

    @Test
    void startsEmpty() {
        assertThat(buffer.rounds()).isEmpty();
        assertThat(buffer.tokens()).isZero();
        assertThat(buffer.drain()).isEmpty();
    }

    @Test
    void keepsRoundsThatReachTheTokenBoundExactly() {
        assertThat(buffer.add(buffered(1, 1, 60))).isEmpty();
        assertThat(buffer.add(buffered(2, 2, 30, 10))).isEmpty();
        assertThat(buffer.tokens()).isEqualTo(100);
        assertThat(journalSeqs(buffer.rounds())).containsExactly(1L, 2L);
    }

    @Test
    void movesEarlierRoundsOnWhenTheNewOneWouldPassTheTokenBound() {
        buffer.add(buffered(1, 1, 60));
        buffer.add(buffered(2, 2, 40));

        assertThat(journalSeqs(buffer.add(buffered(3, 3, 1)))).containsExactly(1L, 2L);
        assertThat(journalSeqs(buffer.rounds())).containsExactly(3L);
        assertThat(buffer.tokens()).isEqualTo(1);
    }

    @Test
    void movesEarlierRoundsOnWhenItHoldsAsManyAsItMay() {
        buffer.add(buffered(1, 1, 1));
        buffer.add(buffered(2, 2, 1));
        assertThat(buffer.add(buffered(3, 3, 1))).isEmpty();

        assertThat(journalSeqs(buffer.add(buffered(4, 4, 1)))).containsExactly(1L, 2L, 3L);
        assertThat(journalSeqs(buffer.rounds())).containsExactly(4L);
    }

    @Test
    void keepsASingleRoundOfTheWholeTokenBound() {
        assertThat(buffer.add(buffered(1, 1, 100))).isEmpty();
        assertThat(journalSeqs(buffer.rounds())).containsExactly(1L);
    }

    @Test
    void sendsALargerRoundStraightOn() {
        assertThat(journalSeqs(buffer.add(buffered(1, 1, 101)))).containsExactly(1L);
        assertThat(buffer.rounds()).isEmpty();
    }

    @Test
    void sendsALargerRoundOnBehindTheEarlierOnes() {
        buffer.add(buffered(1, 1, 5));
        buffer.add(buffered(2, 2, 5));

        assertThat(journalSeqs(buffer.add(buffered(3, 3, 50, 51)))).containsExactly(1L, 2L, 3L);
        assertThat(buffer.rounds()).isEmpty();
        assertThat(buffer.tokens()).isZero();
    }

    @Test
    void holdsOneRoundAtATimeWhereTheBoundIsOne() {
        RoundBuffer single = new RoundBuffer(100, 1);

        assertThat(single.add(buffered(1, 1, 1))).isEmpty();
        assertThat(journalSeqs(single.add(buffered(2, 2, 1)))).containsExactly(1L);
        assertThat(journalSeqs(single.rounds())).containsExactly(2L);
    }

    @Test
    void keepsRoundsThatSayNothing() {
        buffer.add(buffered(1, 1, 0));
        assertThat(buffer.tokens()).isZero();
        assertThat(journalSeqs(buffer.drain())).containsExactly(1L);
    }

    @Test
    void countsAnEmptiedRoundAsARoundWithoutTokens() {
        BufferedRound emptied = buffered(1, 1, 60, 40);
        buffer.add(emptied);
        emptied.remove(1);
        emptied.remove(2);
        assertThat(buffer.tokens()).isZero();
        assertThat(emptied.firstSeq()).isEqualTo(1);
        assertThat(emptied.lastSeq()).isEqualTo(2);

        assertThat(buffer.add(buffered(2, 3, 100))).isEmpty();
        assertThat(buffer.add(buffered(3, 4, 0))).isEmpty();
        assertThat(journalSeqs(buffer.add(buffered(4, 5, 0)))).containsExactly(1L, 2L, 3L);
    }

    @Test
    void recountsTokensWhenMessagesAreEdited() {
        BufferedRound round = buffered(1, 1, 60);
        buffer.add(round);
        round.replace(buffered(Samples.message(1, "shorter", 20)));
        assertThat(buffer.tokens()).isEqualTo(20);
        assertThat(round.sizeBytes())
                .isEqualTo(Samples.message(1, "shorter", 20).sizeBytes());
        assertThat(buffer.add(buffered(2, 2, 80))).isEmpty();

        round.replace(buffered(Samples.message(1, "longer", 21)));
        assertThat(buffer.tokens()).isEqualTo(101);
        assertThat(journalSeqs(buffer.add(buffered(3, 3, 1)))).containsExactly(1L, 2L);
    }

    @Test
    void handsOutEverythingWhenItIsDrained() {
        buffer.add(buffered(1, 1, 10));
        buffer.add(buffered(2, 2, 10));

        List<BufferedRound> drained = buffer.drain();
        buffer.add(buffered(3, 3, 10));
        assertThat(journalSeqs(drained)).containsExactly(1L, 2L);
        assertThat(journalSeqs(buffer.rounds())).containsExactly(3L);
    }

    @Test
    void refusesBoundsThatHoldNothing() {
        assertThatThrownBy(() -> new RoundBuffer(0, 1)).hasMessageContaining("maxTokens=0");
        assertThatThrownBy(() -> new RoundBuffer(1, 0)).hasMessageContaining("maxRounds=0");
    }

    private static List<Long> journalSeqs(List<BufferedRound> rounds) {
        return rounds.stream().map(BufferedRound::journalSeq).toList();
    }
}
