package memfuse.persistence.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresNodeRegisterTest {
    private static final String ONE = "10.0.0.1:7355";
    private static final String OTHER = "10.0.0.2:7355";
    private static final Duration LATELY = Duration.ofSeconds(15);

    @RegisterExtension
    static final LayersDatabase POSTGRES = new LayersDatabase();

    private final PostgresNodeRegister register = new PostgresNodeRegister(POSTGRES.dataSource());

    @BeforeEach
    void begin() {
        POSTGRES.execute("TRUNCATE cluster_nodes");
    }

    @Test
    void knowsOtherNodesUntilTheyAreGone() {
        assertThat(register.othersSeen(ONE, LATELY)).isFalse();
        register.seen(ONE);
        register.seen(ONE);
        assertThat(register.othersSeen(ONE, LATELY)).isFalse();
        assertThat(register.othersSeen(OTHER, LATELY)).isTrue();

        register.seen(OTHER);
        assertThat(register.othersSeen(ONE, LATELY)).isTrue();
        register.gone(OTHER);
        assertThat(register.othersSeen(ONE, LATELY)).isFalse();
    }

    @Test
    void doesNotCountOnNodesThatHaveBeenSilentForLong() {
        register.seen(OTHER);
        POSTGRES.execute("UPDATE cluster_nodes SET seen_at = seen_at - interval '1 minute'");
        assertThat(register.othersSeen(ONE, LATELY)).isFalse();
        assertThat(register.othersSeen(ONE, Duration.ofHours(1))).isTrue();

        register.seen(OTHER);
        assertThat(register.othersSeen(ONE, LATELY)).isTrue();
    }
}
