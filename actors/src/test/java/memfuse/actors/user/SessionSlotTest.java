package memfuse.actors.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.protocol.directory.Session;
import memfuse.protocol.testkit.FlushBuilder;
import org.junit.jupiter.api.Test;

class SessionSlotTest {
    private static final Instant NOW = Instant.EPOCH;

    private final SessionSlot slot = new SessionSlot(new Session("s", "u", "a", "name of s", NOW, NOW), NOW);

    @Test
    void saysOnceThatChangesAreInTheLayers() {
        slot.clean = false;
        assertThat(slot.changesFlushed(List.of(new MessagesRemoved("s", List.of(1L), List.of("m1")))))
                .isFalse();
        slot.clean = true;
        assertThat(slot.changesFlushed(List.of())).isTrue();
        assertThat(slot.changesFlushed(List.of())).isFalse();

        slot.clean = false;
        assertThat(slot.changesFlushed(
                        List.of(new MessagesReplaced(List.of(FlushBuilder.unit("s", FlushBuilder.message(1)))))))
                .isFalse();
        slot.clean = true;
        assertThat(slot.changesFlushed(List.of())).isTrue();
    }

    /** As a session tells an index that is being loaded what it has to add to the stored units. */
    @Test
    void passesOverReportsOfNoChange() {
        assertThat(slot.changesFlushed(List.of(
                        new UnitsAdded(List.of()),
                        new MessagesReplaced(List.of()),
                        new MessagesRemoved("s", List.of(), List.of()))))
                .isFalse();
    }
}
