package memfuse.actors.session;

import static memfuse.actors.session.Samples.buffered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HybridBufferTest {
    private final HybridBuffer buffer = new HybridBuffer(2);
    private final BufferedRound one = buffered(1, 1, 10);
    private final BufferedRound two = buffered(2, 2, 10);
    private final BufferedRound three = buffered(3, 3, 10);

    @Test
    void isFullFromItsBoundOn() {
        assertThat(buffer.isFull()).isFalse();
        buffer.accept(List.of(one));
        assertThat(buffer.isFull()).isFalse();
        buffer.accept(List.of(two));
        assertThat(buffer.isFull()).isTrue();
        buffer.accept(List.of(three));
        assertThat(buffer.isFull()).isTrue();
    }

    @Test
    void keepsBothGenerationsReadableWhileOneIsFlushed() {
        buffer.accept(List.of(one, two));

        assertThat(buffer.seal()).containsExactly(one, two);
        buffer.accept(List.of(three));
        assertThat(buffer.flushing()).containsExactly(one, two);
        assertThat(buffer.filling()).containsExactly(three);
        assertThat(buffer.isFull()).isFalse();
    }

    @Test
    void dropsOnlyTheFlushedGenerationWhenItRetires() {
        buffer.accept(List.of(one));
        buffer.seal();
        buffer.accept(List.of(two));
        buffer.retire();

        assertThat(buffer.flushing()).isEmpty();
        assertThat(buffer.filling()).containsExactly(two);
        assertThat(buffer.seal()).containsExactly(two);
    }

    @Test
    void refusesToSealWhileAGenerationIsFlushed() {
        buffer.accept(List.of(one));
        buffer.seal();
        buffer.accept(List.of(two));

        assertThatThrownBy(buffer::seal).isInstanceOf(IllegalStateException.class);
        assertThat(buffer.flushing()).containsExactly(one);
        assertThat(buffer.filling()).containsExactly(two);
    }

    @Test
    void sealsAnEmptyGeneration() {
        assertThat(buffer.seal()).isEmpty();
        buffer.accept(List.of(one));
        assertThat(buffer.seal()).containsExactly(one);
    }

    @Test
    void refusesABoundThatHoldsNothing() {
        assertThatThrownBy(() -> new HybridBuffer(0)).hasMessageContaining("maxRounds=0");
    }
}
