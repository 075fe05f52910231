package memfuse.actors.session;

import static memfuse.actors.session.Samples.round;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import memfuse.protocol.memory.Message;
import memfuse.protocol.memory.PageBySeq;
import memfuse.protocol.session.SessionProtocol.DeleteMessages;
import memfuse.protocol.session.SessionProtocol.FlushNow;
import memfuse.protocol.session.SessionProtocol.ReadInOrder;
import memfuse.protocol.session.SessionProtocol.UpdateMessages;
import memfuse.protocol.user.UserProtocol.MessagesRead;
import org.junit.jupiter.api.Test;

/** All messages of a session, page after page: stored, on their way to the store, and buffered. */
class SessionInOrderTest extends SessionActorTestBase {
    private static List<String> pages(SessionStage stage, int maxMessages) {
        List<String> contents = new ArrayList<>();
        long after = 0;
        while (true) {
            ReadInOrder read = new ReadInOrder(new PageBySeq(after, maxMessages, 1 << 20));
            List<Message> page = ((MessagesRead) stage.ask(read)).messages();
            if (page.isEmpty()) {
                return contents;
            }
            assertThat(page).hasSizeLessThanOrEqualTo(maxMessages);
            page.forEach(message -> contents.add(message.content()));
            after = page.get(page.size() - 1).seq();
        }
    }

    @Test
    void givesEachMessageOnceWhereverItIs() {
        SessionStage stage = stage(settings());
        stage.ask(round("a", "b", "c"));
        stage.send(new FlushNow());
        stage.storeNext();
        stage.ask(round("d", "e"));
        stage.send(new FlushNow());
        var flushing = stage.submitted();
        stage.ask(round("f"));
        stage.ask(new UpdateMessages(List.of("a", "d"), List.of(says("a", "A"), says("d", "D")), Samples.NOW));
        stage.ask(new DeleteMessages(List.of("b", "f")));
        stage.ask(round("g"));

        for (int maxMessages = 1; maxMessages < 9; maxMessages++) {
            assertThat(pages(stage, maxMessages))
                    .as("by %d", maxMessages)
                    .containsExactly("A", "content of c", "D", "content of e", "content of g");
        }
        stage.store(flushing);
        for (int maxMessages = 1; maxMessages < 9; maxMessages++) {
            assertThat(pages(stage, maxMessages))
                    .as("by %d", maxMessages)
                    .containsExactly("A", "content of c", "D", "content of e", "content of g");
        }
    }
}
