package memfuse.cluster.http;

import static org.assertj.core.api.Assertions.assertThat;

import memfuse.cluster.http.RequestBounds.Entry;
import org.junit.jupiter.api.Test;

class RequestBoundsTest {
    @Test
    void takesRequestsUpToTheirNumber() {
        RequestBounds bounds = new RequestBounds(2, 1_000);
        assertThat(bounds.enter(0)).isEqualTo(Entry.ENTERED);
        assertThat(bounds.enter(0)).isEqualTo(Entry.ENTERED);
        assertThat(bounds.enter(0)).isEqualTo(Entry.TOO_MANY_REQUESTS);
        bounds.leave(0);
        assertThat(bounds.enter(0)).isEqualTo(Entry.ENTERED);
    }

    @Test
    void takesBodiesUpToTheirBytes() {
        RequestBounds bounds = new RequestBounds(10, 1_000);
        assertThat(bounds.enter(600)).isEqualTo(Entry.ENTERED);
        assertThat(bounds.enter(401)).isEqualTo(Entry.TOO_MANY_BYTES);
        assertThat(bounds.enter(400)).isEqualTo(Entry.ENTERED);
        bounds.leave(600);
        assertThat(bounds.enter(600)).isEqualTo(Entry.ENTERED);
    }

    @Test
    void keepsNoPlaceOfWhatItRefused() {
        RequestBounds bounds = new RequestBounds(1, 10);
        for (int i = 0; i < 100; i++) {
            assertThat(bounds.enter(11)).isEqualTo(Entry.TOO_MANY_BYTES);
        }
        assertThat(bounds.enter(10)).isEqualTo(Entry.ENTERED);
    }
}
