package memfuse.protocol.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import memfuse.protocol.store.StoreException;
import org.junit.jupiter.api.Test;

final class InMemoryKnowledgeStoreTest extends KnowledgeStoreContract {
    private final InMemoryFixture fixture = InMemoryFixture.create();

    @Override
    protected LayerStoreFixture newFixture() {
        return fixture;
    }

    @Test
    void failsACallWithoutDoingIt() {
        user("u");
        fixture.knowledge().failNext(1);

        assertThatThrownBy(() -> add("u", "a")).isInstanceOf(StoreException.class);
        assertThat(contents("u")).isEmpty();
    }

    @Test
    void doesAWriteWhoseAcknowledgementIsLost() {
        user("u");
        fixture.knowledge().loseAcknowledgements(1);

        assertThatThrownBy(() -> add("u", "a")).isInstanceOf(StoreException.class);
        assertThat(contents("u")).containsExactly("content of a");
    }
}
