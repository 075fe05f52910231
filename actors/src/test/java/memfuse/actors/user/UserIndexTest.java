package memfuse.actors.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import memfuse.actors.session.IndexChange;
import memfuse.actors.session.IndexChange.MessagesRemoved;
import memfuse.actors.session.IndexChange.MessagesReplaced;
import memfuse.actors.session.IndexChange.UnitsAdded;
import memfuse.actors.session.IndexChange.VectorsReady;
import memfuse.protocol.memory.MemoryUnit;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.UnitKey;
import memfuse.protocol.testkit.FlushBuilder;
import org.junit.jupiter.api.Test;

class UserIndexTest {
    private final AtomicInteger forgotten = new AtomicInteger();
    private final UserIndex index = new UserIndex(forgotten::incrementAndGet);

    @Test
    void saysThatTextsAreGoneThatAnswersMayQuote() {
        Message edited = FlushBuilder.message(1, "new words");
        MemoryUnit unit = new MemoryUnit(new UnitKey("s", 1, 0), edited, edited.content(), 2, null);
        for (IndexChange change :
                List.of(new MessagesReplaced(List.of(unit)), new MessagesRemoved("s", List.of(1L), List.of("a")))) {
            int before = forgotten.get();
            index.apply(change);
            assertThat(forgotten).as("%s", change).hasValue(before + 1);
        }
        index.removeSession("s");
        index.replaceKnowledge("u", List.of(1L), List.of());
        index.discard();
        assertThat(forgotten).hasValue(5);
    }

    @Test
    void keepsAnswersWhereNothingIsTakenAway() {
        index.apply(new UnitsAdded(List.of()));
        index.apply(new VectorsReady(List.of()));
        index.apply(new MessagesReplaced(List.of()));
        index.apply(new MessagesRemoved("s", List.of(), List.of()));
        index.addKnowledge(List.of());

        assertThat(forgotten).hasValue(0);
    }
}
