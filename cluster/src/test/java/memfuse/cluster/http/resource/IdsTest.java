package memfuse.cluster.http.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class IdsTest {
    @Test
    void makesUuidsThatSortByTheirTime() {
        String earlier = Ids.next(1_769_854_830_000L);
        String later = Ids.next(1_769_854_830_001L);
        assertThat(earlier).isLessThan(later);
        assertThat(UUID.fromString(earlier).version()).isEqualTo(7);
        assertThat(UUID.fromString(earlier).variant()).isEqualTo(2);
        assertThat(UUID.fromString(earlier).getMostSignificantBits() >>> 16).isEqualTo(1_769_854_830_000L);
    }

    @Test
    void makesAnotherIdEachTime() {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(Ids.next(0));
        }
        assertThat(ids).hasSize(10_000);
    }
}
