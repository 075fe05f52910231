package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RequestBoundsTest {
    @Test
    void takesRequestsUpToTheirNumber() {
        RequestBounds bounds = new RequestBounds(2, 1_000);
        assertThat(bounds.tryEnter(0)).isTrue();
        assertThat(bounds.tryEnter(0)).isTrue();
        assertThat(bounds.tryEnter(0)).isFalse();
        bounds.leave(0);
        assertThat(bounds.tryEnter(0)).isTrue();
    }

    @Test
    void takesBodiesUpToTheirBytes() {
        RequestBounds bounds = new RequestBounds(10, 1_000);
        assertThat(bounds.tryEnter(600)).isTrue();
        assertThat(bounds.tryEnter(401)).isFalse();
        assertThat(bounds.tryEnter(400)).isTrue();
        bounds.leave(600);
        assertThat(bounds.tryEnter(600)).isTrue();
    }

    @Test
    void keepsNoPlaceOfWhatItRefused() {
        RequestBounds bounds = new RequestBounds(1, 10);
        for (int i = 0; i < 100; i++) {
            assertThat(bounds.tryEnter(11)).isFalse();
        }
        assertThat(bounds.tryEnter(10)).isTrue();
    }
}
