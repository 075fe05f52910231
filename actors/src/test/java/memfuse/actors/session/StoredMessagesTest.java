package memfuse.actors.session;

import static memfuse.actors.session.Samples.NOW;
import static memfuse.actors.session.Samples.says;
import static memfuse.actors.session.SettingsDraft.settings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import memfuse.actors.session.StoredMessages.Named;
import memfuse.protocol.memory.Message;
import memfuse.protocol.session.SessionProtocol.IdempotencyKey;
import memfuse.protocol.session.SessionProtocol.KeyedAnswer;
import memfuse.protocol.session.SessionProtocol.RoundAppended;
import memfuse.protocol.testkit.InMemoryDirectory;
import memfuse.protocol.testkit.InMemoryLayerStore;
import org.junit.jupiter.api.Test;

class StoredMessagesTest {
    private final SessionMemory memory = Samples.memory(settings());
    private final StoredMessages stored = new StoredMessages(
            new InMemoryLayerStore(new InMemoryDirectory(), false), FactLayer.NONE, Runnable::run, "u", "s");

    /** The flush that carries them away may be stored between the reading of M0 and the decision. */
    @Test
    void namesWhatIsBufferedWhenItIsAsked() {
        IdempotencyKey key = new IdempotencyKey("k", "f");
        List<Message> messages = List.of(says("a", "hello").at(1, NOW));
        KeyedAnswer answer = AppendAnswers.foretold(messages, key, List.of("a"), memory);
        memory.onRoundAppended(new RoundAppended(messages, answer), 1);

        Named named = stored.find(List.of("a", "unknown"), new IdempotencyKey("k", "g"), memory, 1_000)
                .toCompletableFuture()
                .join();
        assertThat(named.messages()).containsOnlyKeys("a");
        assertThat(named.answer()).isEqualTo(answer);
    }

    @Test
    void namesNoAnswerWithoutAKey() {
        Named named = stored.find(List.of("a"), null, memory, 1_000)
                .toCompletableFuture()
                .join();
        assertThat(named).isEqualTo(Named.NOTHING);
    }
}
