package memfuse.actors.layers;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import memfuse.actors.layers.UnstoredVectors.GivenUp;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.store.UnitVector;
import org.junit.jupiter.api.Test;

class UnstoredVectorsTest {
    private final UnstoredVectors unstored = new UnstoredVectors(1000);

    @Test
    void givesBatchesInOrderOneAtATime() {
        unstored.add(vectors(1, 300));
        assertThat(numbers(unstored.next())).isEqualTo(numbers(vectors(1, UnstoredVectors.MAX_TOGETHER)));
        assertThat(unstored.next()).isEmpty();
        assertThat(unstored.size()).isEqualTo(300);
        assertThat(numbers(unstored.onTaken())).isEqualTo(numbers(vectors(1, UnstoredVectors.MAX_TOGETHER)));
        assertThat(numbers(unstored.next())).isEqualTo(numbers(vectors(UnstoredVectors.MAX_TOGETHER + 1, 300)));
    }

    @Test
    void takesInWhatThereIsRoomFor() {
        unstored.add(vectors(1, 900));
        unstored.next();
        assertThat(numbers(unstored.add(vectors(901, 1010)))).isEqualTo(numbers(vectors(1001, 1010)));
        assertThat(unstored.all()).hasSize(1000);
    }

    @Test
    void triesWhatFailedTogetherInHalvesBehindTheOthers() {
        unstored.add(vectors(1, 4));
        unstored.next();
        unstored.add(vectors(5, 6));
        assertThat(unstored.onFailed()).isNull();
        assertThat(numbers(unstored.next())).containsExactly(5L, 6L);
        unstored.onTaken();
        assertThat(numbers(unstored.next())).containsExactly(1L, 2L);
        unstored.onTaken();
        assertThat(numbers(unstored.next())).containsExactly(3L, 4L);
    }

    @Test
    void givesUpTheOneThatFailsWhileOthersAreTaken() {
        unstored.add(vectors(1, 256));
        Set<Long> taken = new HashSet<>();
        List<GivenUp> givenUp = new ArrayList<>();
        int tries = work(77, taken, givenUp);
        assertThat(taken).hasSize(255).doesNotContain(77L);
        assertThat(givenUp).singleElement().satisfies(one -> {
            assertThat(one.vector().key().seq()).isEqualTo(77);
            assertThat(one.refused()).isTrue();
        });
        assertThat(tries).isLessThan(40);
    }

    @Test
    void doesNotBlameOneThatFailsAlone() {
        unstored.add(vectors(1, 1));
        List<GivenUp> givenUp = new ArrayList<>();
        assertThat(work(1, new HashSet<>(), givenUp)).isEqualTo(UnstoredVectors.MAX_FAILURES);
        assertThat(givenUp).singleElement().matches(one -> !one.refused());
    }

    @Test
    void losesNothingInAnOutageAndIsSoonDoneAfterIt() {
        unstored.add(vectors(1, 1000));
        for (int failures = 0; failures < 12; failures++) {
            unstored.next();
            assertThat(unstored.onFailed()).isNull();
        }
        Set<Long> taken = new HashSet<>();
        assertThat(work(0, taken, new ArrayList<>())).isLessThan(40);
        assertThat(taken).hasSize(1000);
    }

    @Test
    void endsWhateverTheStoreRefuses() {
        long seed = System.nanoTime();
        System.out.println("UnstoredVectorsTest seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            Set<Long> refused = new HashSet<>();
            random.longs(random.nextInt(30), 1, 1000).forEach(refused::add);
            unstored.add(vectors(1, 999));
            Set<Long> taken = new HashSet<>();
            List<GivenUp> givenUp = new ArrayList<>();
            for (List<UnitVector> batch = unstored.next(); !batch.isEmpty(); batch = unstored.next()) {
                boolean fails = numbers(batch).stream().anyMatch(refused::contains) || random.nextInt(10) == 0;
                if (!fails) {
                    taken.addAll(numbers(unstored.onTaken()));
                } else {
                    Optional.ofNullable(unstored.onFailed()).ifPresent(givenUp::add);
                }
            }
            assertThat(givenUp)
                    .extracting(one -> one.vector().key().seq())
                    .containsExactlyInAnyOrderElementsOf(refused);
            assertThat(taken).hasSize(999 - refused.size());
        }
    }

    /** Has all taken or given up, but for one that is refused; returns how often that was tried. */
    private int work(long refused, Set<Long> taken, List<GivenUp> givenUp) {
        int tries = 0;
        for (List<UnitVector> batch = unstored.next(); !batch.isEmpty(); batch = unstored.next()) {
            tries++;
            if (!numbers(batch).contains(refused)) {
                taken.addAll(numbers(unstored.onTaken()));
            } else {
                Optional.ofNullable(unstored.onFailed()).ifPresent(givenUp::add);
            }
        }
        return tries;
    }

    private static List<UnitVector> vectors(long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(seq -> new UnitVector("u", new UnitKey("s", seq, 0), "text", new float[2]))
                .toList();
    }

    private static List<Long> numbers(List<UnitVector> vectors) {
        return vectors.stream().map(vector -> vector.key().seq()).toList();
    }
}
